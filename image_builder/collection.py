"""The Ansible collection community.general, which has the connection plugin for LXD."""

import shutil
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from image_builder import programs
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode

NAME = "community.general"
# No small package of PyPI has the collection; the large one named `ansible` has it, with others.
# 12.3.0 is the newest for ansible-core 2.19 and has community.general 11.
PYPI = "ansible==12.3.0"
PREFIX = "ansible_collections/community/general/"
GALAXY_PATIENCE = 60  # seconds


def ensure(requirements: Path, folder: Path) -> tuple[Path, str]:
    """A folder for `collections_path` that has the collection, and where it came from just now.

    Ansible Galaxy is asked first, then PyPI. The second value is empty where it was there already.
    """
    if (folder / "ansible_collections/community/general/MANIFEST.json").exists():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for source, fetch in (("Ansible Galaxy", _from_galaxy), ("PyPI", _from_pypi)):
        with TemporaryDirectory(dir=folder.parent, prefix=".part-") as scratch:
            try:
                fetch(requirements, Path(scratch))
            except BuildError as error:
                reasons.append(error.log.strip() or error.message)
                continue
            shutil.rmtree(folder, ignore_errors=True)
            Path(scratch).rename(folder)
            Path(scratch).mkdir()  # for TemporaryDirectory to remove
            folder.chmod(0o755)
            return folder, source
    raise BuildError(
        ExitCode.NO_BASE,
        f"The Ansible collection {NAME} could not be fetched from Galaxy, nor from PyPI.",
        f"Check the network, or put it into {folder}/{PREFIX} by hand.",
        log="\n".join(reasons),
    )


def _from_galaxy(requirements: Path, folder: Path) -> None:
    programs.run(
        [
            str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "install",
            "--no-deps", "-r", str(requirements), "-p", str(folder),
        ],
        f"Fetching {NAME} from Ansible Galaxy",
        timeout=GALAXY_PATIENCE,
    )  # fmt: skip


def _from_pypi(requirements: Path, folder: Path) -> None:
    with TemporaryDirectory(dir=folder) as scratch:
        programs.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
             "--only-binary=:all:", "--dest", scratch, PYPI],
            f"Fetching {PYPI} from PyPI",
        )  # fmt: skip
        (wheel,) = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            wanted = [name for name in archive.namelist() if name.startswith(PREFIX)]
            archive.extractall(folder, wanted)
    _check_version(requirements, folder / PREFIX)


def _check_version(requirements: Path, folder: Path) -> None:
    """Both ways must lead to the version that requirements.yml asks for."""
    wanted = yaml.safe_load(requirements.read_text())["collections"][0]["version"]
    found = yaml.safe_load((folder / "MANIFEST.json").read_text())["collection_info"]["version"]
    if wanted.split(",")[0].lstrip("><=").split(".")[0] != found.split(".")[0]:
        raise BuildError(ExitCode.NO_BASE, f"PyPI has {NAME} {found}, and {wanted} is needed.")
