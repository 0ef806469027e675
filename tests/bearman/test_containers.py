"""What containers are given: secrets as files, health checks, and a lock file without tools."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml
from django.core.management import call_command

from bearman.lib import keys
from tests.nodes.test_power_kill import database_url
from tests.servers import running_door
from tests.simulator.bmc.rig import wait_until

PROJECT = Path(__file__).resolve().parents[2]
HEALTH = [sys.executable, "-m", "bearman.health"]


def create(folder: Path) -> None:
    call_command("secrets_create", str(folder))


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_secrets_are_made_once_for_their_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(tmp_path / "secrets")
    made = contents(tmp_path / "secrets")
    assert made["postgres_password"] in made["database_url"]
    assert made["slack_token"] == ""
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    create(tmp_path / "secrets")
    assert contents(tmp_path / "secrets") == made
    words = capsys.readouterr().out
    assert "All secrets are there" in words
    assert made["secret_key"] not in words


def test_a_lost_secret_is_made_anew_and_the_others_stay(tmp_path: Path) -> None:
    create(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "secret_key").unlink()
    create(tmp_path)
    after = contents(tmp_path)
    assert after.pop("secret_key") != before.pop("secret_key")
    assert after == before


def test_compose_names_each_file_of_secrets_and_no_other() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    named = set(re.findall(r"file: \./secrets/(\w+)\}", text))
    source = (PROJECT / "bearman/management/commands/secrets_create.py").read_text()
    assert named
    assert not [name for name in named if f'"{name}"' not in source]


def test_each_service_that_stays_is_asked_whether_it_is_well_and_has_no_rights() -> None:
    found = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    staying = {
        name: one for name, one in found["services"].items() if one.get("restart", "no") != "no"
    }
    assert set(staying) == {"database", "web", "grpc-a", "grpc-b", "worker", "nginx", "s3"}
    for name, service in staying.items():
        assert "test" in service["healthcheck"], name
        assert (service["user"], service["read_only"]) == ("10001:10001", True), name
        assert service["cap_drop"] == ["ALL"], name
        for volume in service.get("volumes", []):
            where = volume.partition(":")[0]
            assert where in found["volumes"] or where.startswith("./"), volume


def example() -> dict[str, str]:
    """What .env.example sets."""
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_of_settings_is_taken_as_it_stands() -> None:
    rest = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "BEARMAN_HTTPS": "true"}
    secret = {"BEARMAN_SECRET_KEY": "x" * 50, "BEARMAN_CREDENTIAL_KEYS": keys.credential_key()}
    done = subprocess.run(
        [sys.executable, "-m", "bearman", "check", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], **example(), **rest, **secret},
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_example_of_settings_names_only_what_somebody_reads() -> None:
    read = (PROJECT / "docker-compose.yml").read_text() + (
        PROJECT / "docs/configuration.md"
    ).read_text()
    assert not [name for name in example() if name not in read]
    wanted = set(re.findall(r"\$\{(BEARMAN_\w+)", (PROJECT / "docker-compose.yml").read_text()))
    assert not wanted - set(example())


def test_the_lock_file_of_the_image_agrees_with_the_one_of_developers() -> None:
    pinned = re.compile(r"^[a-z0-9-]+==\S+", re.MULTILINE)
    ours = pinned.findall((PROJECT / "deploy/requirements.lock").read_text())
    theirs = set(pinned.findall((PROJECT / "requirements.lock").read_text()))
    assert ours
    assert not [line for line in ours if line not in theirs]
    assert not [line for line in ours if line.startswith(("pytest", "ansible", "mypy"))]


def test_a_grpc_server_is_well_while_it_answers(transactional_db: None) -> None:
    with running_door() as door:
        bind = {"BEARMAN_GRPC_BIND": f"127.0.0.1:{door.port}"}
        assert subprocess.run([*HEALTH, "grpc"], env=bind, cwd=PROJECT, check=False).returncode == 0
    done = subprocess.run(
        [*HEALTH, "grpc"], env=bind, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("grpc is not well: ")


def test_a_worker_is_well_by_its_own_signs_of_life_and_not_by_those_of_others(
    transactional_db: None,
) -> None:
    ours = {**os.environ, "DATABASE_URL": database_url()}

    def well() -> bool:
        done = subprocess.run([*HEALTH, "worker"], env=ours, cwd=PROJECT, check=False)
        return done.returncode == 0

    with psycopg.connect(ours["DATABASE_URL"], application_name="bearman-worker@other") as other:
        other.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        other.commit()
        assert not well()
    process = subprocess.Popen([sys.executable, "-m", "bearman", "worker"], env=ours, cwd=PROJECT)
    try:
        wait_until(well, 60)
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: not well(), 20)


@pytest.mark.parametrize("role", ["web", "worker"])
def test_what_does_not_answer_is_not_well(role: str) -> None:
    nowhere = {
        "BEARMAN_WEB_BIND": "127.0.0.1:9",  # discard (RFC 863): nobody listens there
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
    }
    done = subprocess.run(
        [*HEALTH, role], env=nowhere, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"{role} is not well: ")
