"""What a machine that has a Baremetal boots, by where its deployment is; no Django here."""

from enum import StrEnum

from baremetal.states import BaremetalState, Step


class Boots(StrEnum):
    """What /ipxe gives."""

    STAGE_ONE = "stage one"
    SYSTEM = "its system"
    DISK = "its own disk"
    WAIT = "nothing yet"
    NOTHING = "nothing"


def boots(*, state: BaremetalState, step: str, installer: bool, cold: bool) -> Boots:
    """Return what the machine shall boot now.

    `installer`: the profile puts a system on the disk. `cold`: kexec is not to be tried.
    """
    match state:
        case BaremetalState.INSTALLED:
            return Boots.DISK if installer else Boots.SYSTEM
        case BaremetalState.DEPLOYING:
            return Boots.SYSTEM
        case BaremetalState.DEPLOY_START if step == Step.PREPARE:
            return Boots.WAIT
        case BaremetalState.DEPLOY_START:
            return Boots.SYSTEM if installer or cold else Boots.STAGE_ONE
        case _:
            return Boots.NOTHING
