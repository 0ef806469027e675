"""The list of packages of an image as SPDX 2.3 in JSON (https://spdx.github.io/spdx-spec/v2.3/)."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from image_builder.lxd import Container

VERSION = "SPDX-2.3"
IMAGE = "SPDXRef-Image"  # what the document describes, and what contains the packages
# One package a line: name, version, architecture.
DPKG = r"dpkg-query -W -f '${db:Status-Abbrev} ${Package}\t${Version}\t${Architecture}\n'"
RPM = r"rpm -qa --qf 'ii  %{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\n'"
LIST = (
    f"if command -v dpkg-query >/dev/null; then {DPKG}; else {RPM}; fi; "
    ". /etc/os-release; echo ID $ID"
)
WHEEL = re.compile(r"(?P<name>[A-Za-z0-9._]+)-(?P<version>[A-Za-z0-9._!+]+)-.*\.whl")


@dataclass(frozen=True, order=True)
class Package:
    """A package; `kind` is its type in a package URL (deb, rpm, pypi)."""

    name: str
    version: str
    architecture: str = ""
    kind: str = "deb"
    vendor: str = ""

    @property
    def url(self) -> str:
        """Package URL (https://github.com/package-url/purl-spec)."""
        vendor = f"{quote(self.vendor)}/" if self.vendor else ""
        arch = f"?arch={quote(self.architecture)}" if self.architecture else ""
        return f"pkg:{self.kind}/{vendor}{quote(self.name)}@{quote(self.version, safe='')}{arch}"


def installed(container: Container) -> list[Package]:
    """What the package manager of the container says is installed."""
    lines = container.check("Listing the packages", LIST).splitlines()
    vendor = lines[-1].removeprefix("ID ").strip() if lines else ""
    kind = "deb" if vendor in {"debian", "ubuntu"} else "rpm"
    found = []
    for line in lines[:-1]:
        status, name, version, architecture = line[:3], *line[4:].split("\t")
        if status.startswith("ii"):
            found.append(Package(name, version, architecture, kind, vendor))
    return sorted(found)


def wheels(folder: Path | None) -> list[Package]:
    """The Python packages that were brought along, by their file names (PEP 427)."""
    if folder is None:
        return []
    matches = (WHEEL.fullmatch(path.name) for path in folder.glob("*.whl"))
    return sorted(
        Package(match["name"].replace("_", "-").lower(), match["version"], kind="pypi")
        for match in matches
        if match
    )


def document(packages: Iterable[Package], *, name: str, namespace: str, epoch: int) -> bytes:
    """The document's bytes; `epoch`, in seconds since 1970, stands as the time of its making."""
    entries = [
        _entry(f"{number}-{package.name}", package.name)
        | {"versionInfo": package.version, "externalRefs": [_reference(package)]}
        for number, package in enumerate(sorted(packages), 1)
    ]
    contained = [_relation(IMAGE, "CONTAINS", str(entry["SPDXID"])) for entry in entries]
    value = {
        "spdxVersion": VERSION,
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": namespace,
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: Bearman-image_builder"],
        },
        "packages": [_entry("Image", name), *entries],
        "relationships": [_relation("SPDXRef-DOCUMENT", "DESCRIBES", IMAGE), *contained],
    }
    return (json.dumps(value, indent=1) + "\n").encode()


def _entry(identifier: str, name: str) -> dict[str, object]:
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", identifier)  # SPDX 2.3 section 7.2
    return {
        "SPDXID": f"SPDXRef-{plain}",
        "name": name,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def _reference(package: Package) -> dict[str, str]:
    return {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": package.url,
    }


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def packages_of(data: bytes) -> dict[str, str]:
    """Name and version of each package of a document; several versions of one name are joined."""
    found: dict[str, list[str]] = {}
    for entry in json.loads(data)["packages"]:
        if entry.get("SPDXID") == IMAGE:
            continue
        found.setdefault(str(entry["name"]), []).append(str(entry.get("versionInfo", "")))
    return {name: ", ".join(sorted(versions)) for name, versions in sorted(found.items())}
