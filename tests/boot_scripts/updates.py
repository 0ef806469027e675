"""Firmware updates as Bearman plans them, with their artefacts on the test's web server."""

import hashlib
from dataclasses import dataclass

from tests.boot_scripts.machine import Machine
from tests.boot_scripts.web import Answer, Web

# A vendor's executable: notes its arguments, and makes the version the new one.
VENDOR = b"""#!/bin/sh
[ "$1" != --version ] || { cat "$STANDIN_STATE/version"; exit 0; }
for word in "$@"; do printf '%s\\n' "$word"; done >>"$STANDIN_STATE/tool-arguments"
echo "$BEARMAN_FIRMWARE_TARGET" >"$STANDIN_STATE/tool-target"
env >"$STANDIN_STATE/tool-environment"
echo "writing block 1 of 2"
echo 2.10.2 >"$STANDIN_STATE/version"
"""


def file_of(content: bytes) -> str:
    """Where the test's web server has an artefact."""
    return f"/files/{hashlib.sha256(content).hexdigest()[:16]}"


@dataclass
class Updates:
    """The plans of a machine; each call of `firmware-plan` gets the next one."""

    machine: Machine
    web: Web

    def plan(self, *updates: dict[str, str], number: int = 1) -> None:
        """Make these the updates of plan `number`."""
        for place, values in enumerate(updates, 1):
            folder = self.machine.state / "plans" / str(number) / f"{place:03}"
            folder.mkdir(parents=True)
            for name, value in values.items():
                (folder / name).write_text(f"{value}\n" if value else "")

    def update(self, content: bytes = VENDOR, /, **changes: str) -> dict[str, str]:
        """A BIOS update by the vendor's executable `content`, with some values changed."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = file_of(content)
        self.web.answers[path] = Answer(content)
        return {
            "id": "31",
            "component": "bios",
            "target": "",
            "title": "BIOS of PowerEdge R640",
            "from_version": "2.8.1",
            "wanted_version": "2.10.2",
            "tool": "vendor",
            "artefact_url": f"{self.web.url}{path}",
            "artefact_sha256": sha256,
            "artefact_size": str(len(content)),
            "arguments": "",
            "read_with": "dmidecode",
            "read_first": "false",
            "reboot": "false",
            "timeout_seconds": "60",
        } | changes

    @property
    def reported(self) -> list[str]:
        """The reports on updates so far: number, outcome and exit code of each."""
        calls = [call.split() for call in self.machine.calls("bearman-cli")]
        words = [
            call[call.index("firmware-report") + 1 :] for call in calls if "firmware-report" in call
        ]
        return [
            " ".join([word[0], word[2], *(["code", word[4]] if "--exit-code" in word else [])])
            for word in words
        ]

    def sent(self, name: str) -> str:
        """The last file of that kind that came with a report."""
        return (self.machine.state / f"sent-{name}").read_text()

    def tool(self, name: str) -> str:
        """What the vendor's executable noted; empty where it never ran."""
        path = self.machine.state / f"tool-{name}"
        return path.read_text() if path.exists() else ""
