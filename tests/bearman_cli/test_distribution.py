"""The distribution: small, without Django, and complete with what it declares."""

import ast
import email
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from protos.bearman.v1 import nodes_pb2_grpc
from tests.bearman_cli.conftest import ROOT, Program
from tests.bearman_cli.peer import Script
from tests.bearman_cli.samples import whole_node

PACKAGE = ROOT / "bearman_cli"
ALLOWED = {"bearman_cli", "protos", "typer", "rich", "grpc", "google"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as README and image recipes build it, but without asking an index."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", str(PACKAGE), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv of its own with the wheel and just the distributions that it declares."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    declared = Distribution.at(next(home.glob("lib/*/site-packages/bearman_cli-*.dist-info")))
    (packages,) = home.glob("lib/*/site-packages")
    for needed in closure(declared):
        link(needed, packages)
    return home


def pip(*arguments: str) -> None:
    """Run pip quietly, without an index."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    subprocess.run(command, check=True, cwd="/")


def closure(root: Distribution) -> Iterator[Distribution]:
    """The installed distributions that `root` needs, directly or not, each once."""
    waiting, known = [root], set()
    while waiting:
        for text in waiting.pop().requires or ():
            requirement = Requirement(text)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name not in known:
                known.add(requirement.name)
                found = distribution(requirement.name)
                waiting.append(found)
                yield found


def link(needed: Distribution, packages: Path) -> None:
    """Make the files of an installed distribution importable from another folder."""
    for top in {Path(file).parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
        target = packages / top
        if not target.exists():
            target.symlink_to(Path(str(needed.locate_file(top))))


def test_the_wheel_is_small_and_holds_only_the_program_and_the_protocol(wheel: Path) -> None:
    assert wheel.stat().st_size < 250_000
    names = zipfile.ZipFile(wheel).namelist()
    assert len(names) == len(set(names))
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bearman_cli", "protos"}
    for expected in (
        "bearman_cli/main.py",
        "bearman_cli/py.typed",
        "protos/py.typed",
        "protos/bearman/v1/nodes_pb2.py",
        "protos/bearman/v1/nodes_pb2.pyi",
        "protos/bearman/v1/nodes_pb2_grpc.py",
    ):
        assert expected in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_installed_program_runs_without_django(
    installed: Path, program: Program, script: Script
) -> None:
    script.on("GetNode", whole_node())
    program.environment["PYTHONPATH"] = ""
    program.command = (str(installed / "bin" / "bearman-cli"),)
    done = program.run("node", "show", "x")
    assert done.code == 0, done.err
    assert "PowerEdge R640" in done.out
    program.command = (str(installed / "bin" / "python"), "-c", "import django")
    with pytest.raises(AssertionError, match="No module named 'django'"):
        program.run()


def test_the_installed_program_runs_on_a_terminal_too(installed: Path) -> None:
    """rich is needed only there."""
    python = str(installed / "bin" / "python")
    code = "from bearman_cli.terminal import write_line; write_line('fine')"
    done = subprocess.run([python, "-c", code], capture_output=True, check=True, cwd="/")
    assert done.stdout == b"fine\n"


def test_shells_can_complete_the_verbs(installed: Path, program: Program) -> None:
    program.command = (str(installed / "bin" / "bearman-cli"),)
    done = program.run(
        _BEARMAN_CLI_COMPLETE="complete_bash", COMP_WORDS="bearman-cli no", COMP_CWORD="1"
    )
    assert done.out.split() == ["node"]


def test_the_least_versions_are_those_that_the_generated_code_demands(wheel: Path) -> None:
    """Both libraries refuse to load code that a later generator wrote."""
    (metadata,) = (name for name in zipfile.ZipFile(wheel).namelist() if "METADATA" in name)
    declared = email.message_from_bytes(zipfile.ZipFile(wheel).read(metadata))
    floors = {
        requirement.name: {item.version for item in requirement.specifier if item.operator == ">="}
        for requirement in map(Requirement, declared.get_all("Requires-Dist", []))
    }
    generated = (ROOT / "protos" / "bearman" / "v1" / "nodes_pb2.py").read_text()
    protobuf = re.search(r"^# Protobuf Python Version: (\S+)$", generated, re.MULTILINE)
    assert protobuf is not None
    assert floors["protobuf"] == {protobuf[1]}
    assert floors["grpcio"] == {nodes_pb2_grpc.GRPC_GENERATED_VERSION}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module names."""
    names = set()
    for statement in ast.walk(ast.parse(path.read_text())):
        if isinstance(statement, ast.Import):
            names |= {alias.name.split(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            names.add((statement.module or "").split(".")[0])
    return names


def test_it_imports_nothing_but_what_it_declares() -> None:
    modules = list(PACKAGE.glob("*.py"))
    assert len(modules) > 10
    for module in modules:
        assert imported(module) <= ALLOWED | set(sys.stdlib_module_names), module


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("main", {"grpc", "rich", "google.protobuf"}),
        ("register", {"rich", "typer.rich_utils"}),
        ("node_list", {"rich"}),
        ("deploy", {"rich", "typer.rich_utils"}),
        ("baremetal_list", {"rich"}),
    ],
)
def test_what_is_slow_is_loaded_only_where_it_is_needed(module: str, absent: set[str]) -> None:
    code = f"import sys, bearman_cli.main, bearman_cli.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert not absent & set(done.stdout.decode().split())
