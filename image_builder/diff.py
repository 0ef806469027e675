"""What is not the same in two images: packages, sizes, kernel arguments."""

from dataclasses import dataclass

from image_builder import sbom, store
from image_builder.errors import BuildError
from image_builder.exit_codes import ExitCode
from image_builder.store import Stored


@dataclass(frozen=True)
class Change:
    """A package; `before` or `after` is empty where it is not there."""

    name: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def packages(before: Stored, after: Stored) -> list[Change]:
    """Changes by name; raises BuildError where one of the two has no list."""
    old, new = _packages(before), _packages(after)
    return [
        Change(name, old.get(name, ""), new.get(name, ""))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def sizes(before: Stored, after: Stored) -> dict[str, tuple[int, int]]:
    """Kind, and bytes before and after; 0 where one has no such file."""
    old, new = before.manifest.files, after.manifest.files
    return {
        kind: (old[kind].size if kind in old else 0, new[kind].size if kind in new else 0)
        for kind in sorted(old.keys() | new.keys())
    }


def _packages(stored: Stored) -> dict[str, str]:
    if "sbom" not in stored.manifest.files:
        raise BuildError(
            ExitCode.REFUSED, f"{stored} has no list of packages.", "Only built images have one."
        )
    store.verify_file(stored, "sbom")
    path = stored.path("sbom")
    try:
        return sbom.packages_of(path.read_bytes())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise store.damaged(path, "it is no list of packages in SPDX") from None
