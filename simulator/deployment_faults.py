"""What can be wrong with a machine that registers well, when it is deployed."""

import math

from simulator.bmc import BmcFaults
from simulator.fault import UNRECOVERABLE_ERROR, Fault, Needs, Outcome, Trick

LIT_AND_GIVEN_UP = Outcome(UNRECOVERABLE_ERROR, lit=True)
DARK_AND_GIVEN_UP = Outcome(UNRECOVERABLE_ERROR, lit=False)
SILENT_SECONDS = 20.0

DEPLOYMENT_FAULTS = (
    Fault(
        "kexec-hangs",
        "hangs in each kexec, and boots well over the network",
        trick=Trick.KEXEC_HANGS,
    ),
    Fault(
        "stage-two-silent",
        "never calls back after a kexec, and does after a cold boot",
        trick=Trick.SILENT_AFTER_KEXEC,
    ),
    Fault(
        "stage-two-dead",
        "never calls back from stage two, however it is booted",
        deployed=LIT_AND_GIVEN_UP,
        deployed_issues=("DEP-008",),
        trick=Trick.NEVER_CALLS_BACK,
    ),
    Fault(
        "install-script-fails",
        "its disk is broken, and so the install script fails",
        deployed=LIT_AND_GIVEN_UP,
        deployed_issues=("DEP-010",),
        trick=Trick.SCRIPT_FAILS,
    ),
    Fault(
        "bmc-silent-at-power-on",
        f"its BMC falls silent for {SILENT_SECONDS:.0f} s when it is to switch on",
        bmc=BmcFaults(silence_at_power_on_s=SILENT_SECONDS),
    ),
    Fault(
        "bmc-dead-at-power-on",
        "its BMC falls silent for ever when it is to switch on",
        deployed=DARK_AND_GIVEN_UP,
        bmc=BmcFaults(silence_at_power_on_s=math.inf),
    ),
    Fault(
        "power-on-stays-off",
        "its BMC accepts to switch on, and the machine stays off",
        deployed=DARK_AND_GIVEN_UP,
        bmc=BmcFaults(power_on_but_stays_off=True),
    ),
    Fault(
        "wrong-checksum",
        "what it downloads is damaged on the way",
        deployed=LIT_AND_GIVEN_UP,
        deployed_issues=("DEP-002",),
        trick=Trick.DAMAGED_DOWNLOADS,
    ),
    Fault(
        "wrong-boot-order",
        "an old system on its disk comes before the network",
        trick=Trick.DISK_FIRST,
    ),
    Fault(
        "boot-device-forgotten",
        "as wrong-boot-order, and the first boot device that its BMC is given is forgotten",
        bmc=BmcFaults(forgets_boot_device=True),
        trick=Trick.FORGETS_OVERRIDE,
    ),
    Fault(
        "installed-twice",
        "says three times that it is installed",
        trick=Trick.INSTALLED_TWICE,
    ),
    Fault(
        "wrong-system",
        "kexecs into something that says the nonce of an earlier boot",
        trick=Trick.OLD_NONCE,
    ),
    Fault(
        "unsigned-image",
        "gets its image without a signature, and its stage one wants one",
        deployed=LIT_AND_GIVEN_UP,
        deployed_issues=("DEP-023",),
        trick=Trick.UNSIGNED_IMAGE,
        needs=Needs.KEY,
    ),
    Fault(
        "tampered-manifest",
        "gets a manifest that was changed after it was signed",
        deployed=LIT_AND_GIVEN_UP,
        deployed_issues=("DEP-024",),
        trick=Trick.TAMPERED_MANIFEST,
        needs=Needs.KEY,
    ),
)
