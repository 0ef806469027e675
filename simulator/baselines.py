"""The firmware that machines should have, as an operator gives it to Bearman."""

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.chips import mark
from simulator.hardware.catalogue import Model, models

# What a vendor's own update does here; see simulator/flashing.py.
VENDORS_OWN = b'#!/bin/sh\nexec simulated-flash "$0" "$BEARMAN_FIRMWARE_TARGET" "$@"\n# '
BIOS_FORMS = {"Dell Inc.": "dell", "Supermicro": "supermicro", "Lenovo": "lenovo"}
TOOL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Baseline:
    """One component of one model: the version that it must have, and what brings it there.

    `part` is a pattern on the driver of a network card.
    """

    name: str
    component: str
    model: Model
    wanted: str
    comparator: str
    reboot: bool
    tool: str = "vendor"
    part: str = ""

    @property
    def artefact(self) -> bytes:
        """The file that applies it."""
        head = VENDORS_OWN if self.tool == "vendor" else b""
        return head + mark(self.component, self.wanted)

    def options(self, file: str) -> Sequence[str]:
        """The words for `bearman firmware_add`, with the name of the artefact's file."""
        return (
            *(self.name, "--component", self.component),
            *("--vendor", glob.escape(self.model.vendor)),
            *("--product", glob.escape(self.model.name), "--mode", "on"),
            f"--wanted={self.wanted}",  # Lenovo's begin with a dash
            *("--comparator", self.comparator),
            *("--tool", self.tool, "--file", file, "--timeout", str(TOOL_SECONDS)),
            *(["--model", self.part] if self.part else []),
            *(["--reboot"] if self.reboot else []),
        )


def baselines(names: Sequence[str]) -> Iterator[Baseline]:
    """What models with these names should have: the firmware of the catalogue."""
    for model in models():
        if model.name not in names:
            continue
        slug = re.sub(r"[^a-z0-9]+", "-", model.name.lower()).strip("-")
        yield Baseline(f"{slug}-bmc", "bmc", model, model.bmc.firmware, "bmc", reboot=False)
        form = BIOS_FORMS.get(model.vendor)
        if form and "previous" in model.bios:
            bios = model.bios["version"]
            yield Baseline(f"{slug}-bios", "bios", model, bios, form, reboot=True)
        for nic in {card.nic for card in model.cards if card.nic.driver == "mlx5_core"}:
            yield Baseline(
                name=f"{slug}-nic",
                component="nic",
                model=model,
                wanted=nic.firmware,
                comparator="mellanox",
                reboot=True,
                tool="mstflint",
                part=nic.driver,
            )
