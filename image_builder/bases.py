"""Bases: made once from a package archive, and kept under the hash of what they are made from."""

import hashlib
import json
import os
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from image_builder import aptcache, programs
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.recipe import Mmdebstrap

# systemd asks for an address on the interface that LXD gives; clean.sh takes this file away again.
NETWORK = "[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n"
NETWORK_FILE = "/etc/systemd/network/00-bearman-build.network"
# systemd-binfmt would change the host's own list; it is masked for the build only.
HOOKS = (
    f'printf "%s" "$BEARMAN_NETWORK" > "$1{NETWORK_FILE}"',
    'systemctl --root="$1" enable systemd-networkd systemd-resolved',
    'systemctl --root="$1" mask systemd-binfmt',
)
FORMAT = 1  # counts changes of how bases are made
ARCHITECTURE = os.uname().machine


def digest(base: Mmdebstrap, pins: dict[str, str], epoch: int) -> str:
    """Hash of all that goes into a base: the same hash, the same base."""
    inputs = [FORMAT, ARCHITECTURE, base.sources, base.all_packages, HOOKS, NETWORK, pins, epoch]
    return hashlib.sha256(json.dumps([base.suite, *inputs]).encode()).hexdigest()


def ensure(base: Mmdebstrap, cache: Path, work: Path, key: str, epoch: int) -> tuple[Path, bool]:
    """The root of a base as a squashfs, and whether it had to be made, in the build's folder."""
    folder = cache / "bases"
    target = folder / f"{key[:32]}.squashfs"
    if target.exists():
        os.utime(target)  # `prune` keeps those that are in use
        return target, False
    folder.mkdir(parents=True, exist_ok=True)
    tar = work / "base.tar"
    with TemporaryDirectory(dir=folder, prefix=".part-") as scratch:
        made = Path(scratch, "base.squashfs")
        _bootstrap(base, tar, cache / "packages", epoch)
        with tar.open("rb") as file:
            programs.run(
                ["mksquashfs", "-", str(made), "-tar", "-root-mode", "0755", "-comp", "zstd",
                 "-Xcompression-level", "3", "-noappend", "-no-progress"],
                "Packing the base", env=environment(epoch), stdin=file.fileno(),
            )  # fmt: skip
        made.rename(target)
    tar.unlink()
    return target, True


def environment(epoch: int) -> dict[str, str]:
    """What programs need to give no newer time stamp than that, in seconds since 1970."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _bootstrap(base: Mmdebstrap, target: Path, packages: Path, epoch: int) -> None:
    with aptcache.serving("127.0.0.1", packages) as proxy:
        command = [
            "mmdebstrap", "--variant=minbase", "--format=tar", "--quiet",
            f"--include={','.join(base.all_packages)}",
            f'--aptopt=Acquire::http::Proxy "{proxy.url}"',
            "--aptopt=Acquire::Languages none",
            *(f"--customize-hook={hook}" for hook in HOOKS),
            # The proxy ends with this program: the base must not go on asking for it.
            '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"',
            base.suite, str(target), *base.sources,
        ]  # fmt: skip
        # What a killed build leaves is then all in its folder.
        env = {**environment(epoch), "BEARMAN_NETWORK": NETWORK, "TMPDIR": str(target.parent)}
        try:
            programs.run(command, f"Making the base {base.suite}", env=env)
        except BuildError as error:
            raise _unfetched(base, error, proxy.failures) from None


def _unfetched(base: Mmdebstrap, error: BuildError, failures: list[str]) -> BuildError:
    if error.exit_code is ExitCode.NO_SPACE:
        return error
    reason = f" {failures[0]}" if failures else ""
    return BuildError(
        ExitCode.NO_BASE,
        f"The base {base} could not be made.{reason}",
        "Check the network, and `suite`, `mirror` and `packages` of the recipe.",
        log=error.log,
    )


def metadata(build: str, epoch: int) -> bytes:
    """The tar with metadata.yaml that LXD wants beside a root; `build` makes it one of a kind."""
    text = json.dumps(
        {
            "architecture": ARCHITECTURE,
            "creation_date": epoch,
            "properties": {"description": f"base of an image that Bearman builds ({build})"},
        }
    ).encode()  # JSON is YAML
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("metadata.yaml")
        entry.size = len(text)
        tar.addfile(entry, BytesIO(text))
    return buffer.getvalue()
