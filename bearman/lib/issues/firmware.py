"""Issues of firmware and its updates; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Firmware"

DRY_RUN = Issue(
    "FW-001",
    "Firmware is behind, and its baseline is a dry run",
    Severity.NOTE,
    "A component has an older version than its baseline wants. The baseline is in dry run, so "
    "nothing was updated.",
    "If the list of nodes that are behind is what you expect, set the baseline to canary or on, "
    "and register the machine again.",
)
CANARY_WAIT = Issue(
    "FW-002",
    "Firmware is behind and waits for the canary",
    Severity.NOTE,
    "A component is behind its baseline, and another machine tries the update first. This machine "
    "was left as it is.",
    "Nothing, if the canary goes well: then the baseline goes on by itself, and this machine is "
    "updated when it registers next. The baseline's page says how the canary is doing.",
)
NOT_APPLIED = Issue(
    "FW-003",
    "The update was silently not applied",
    Severity.ERROR,
    "The tool said that it had gone well, and the component still has the version that it had "
    "before.",
    "See in the tool's output on the time line whether it wants another restart or a setting, such "
    "as updates being allowed in the BIOS or by the BMC; does the file fit this machine? If the "
    "version changes only after a restart, say so in the baseline. Then boot the machine again.",
)
TOOL_FAILED = Issue(
    "FW-004",
    "The firmware tool failed",
    Severity.ERROR,
    "The tool that applies the update ended with an error, or could not be run.",
    "Read the tool's output on the time line. Is the tool in the stage-one image, and does the "
    "file fit this machine? Then boot the machine again.",
)
TOOL_HUNG = Issue(
    "FW-005",
    "The firmware tool did not end in time",
    Severity.ERROR,
    "The tool ran longer than its baseline allows and was stopped. The component may be half "
    "written.",
    "Do not cut the power before you know the component's state: look at the machine over SSH, or "
    "at the vendor's own tool. If the tool only needs longer, give the baseline more time, then "
    "boot the machine again.",
)
CUT_OFF = Issue(
    "FW-006",
    "The update was cut off again and again",
    Severity.ERROR,
    "The update was begun several times, and each time the machine came back without having ended "
    "it: the power was cut, or the update takes the machine down.",
    "See to the machine's power, and try the update by hand over SSH. Then press Try firmware "
    "again on the node's page and boot the machine.",
)
NO_ORDER = Issue(
    "FW-007",
    "A version cannot be compared with the wanted one",
    Severity.WARNING,
    "The component's version and the wanted one are of different series or forms, so that neither "
    "is known to be newer. Bearman does not guess: nothing was updated.",
    "See whether the baseline is meant for this machine. If it is, set another comparator, or the "
    "wanted version as the machine writes it.",
)
UNREADABLE = Issue(
    "FW-008",
    "A version cannot be read",
    Severity.WARNING,
    "A baseline is for this component, and the machine gave no version of it, or none in the "
    "form that the baseline's comparator knows.",
    "Look at the raw output on the machine (dmidecode, ipmitool mc info, ethtool -i, lsblk). "
    "Choose another comparator, or let the tool read the version.",
)
NEWER = Issue(
    "FW-009",
    "Firmware is newer than its baseline wants",
    Severity.WARNING,
    "The baseline wants exactly one version, and the component has a newer one. Bearman never goes "
    "back to an older version.",
    "If the newer version is good, put it into the baseline or let the baseline want a minimum. "
    "If it is not, go back by hand with the vendor's tool.",
)
WENT_BACK = Issue(
    "FW-010",
    "The update made the version older",
    Severity.ERROR,
    "After the update the component has an older version than before.",
    "The file is another one than its baseline says: put the right file into the baseline. Then "
    "boot the machine again.",
)
OTHER_VERSION = Issue(
    "FW-011",
    "The update brought another version than the wanted one",
    Severity.ERROR,
    "The component has changed, and its version is still not the one that the baseline wants.",
    "Put the file of the wanted version into the baseline, or want the version that the file "
    "brings. Then boot the machine again.",
)
NOT_READ_BACK = Issue(
    "FW-012",
    "The version could not be read after the update",
    Severity.ERROR,
    "The tool said that it had gone well, but what the machine says of the component afterwards "
    "has no version that can be understood. Nobody knows whether the update is in place.",
    "Read the component's version on the machine over SSH. If it only shows after a restart, say "
    "so in the baseline. Then boot the machine again.",
)
CANARY_FAILED = Issue(
    "FW-013",
    "Firmware is behind, and the update failed on the canary",
    Severity.WARNING,
    "A component is behind its baseline. The machine that tried the update first failed at it, so "
    "this machine was left as it is.",
    "Look at the canary. Then mend the baseline, or press one of the buttons on its page: try on "
    "another canary, go on to all, or stop.",
)
CONTRADICTION = Issue(
    "FW-014",
    "Two baselines contradict each other",
    Severity.WARNING,
    "Two baselines are for the same component, and want exactly two different versions. Only the "
    "first one counts.",
    "Switch one of the two off, or narrow its patterns.",
)
NOT_RESTARTED = Issue(
    "FW-015",
    "The machine has not restarted after an update",
    Severity.ERROR,
    "The update takes effect with a restart. The machine said that it would restart, and asks for "
    "its firmware again in the same boot.",
    "Restart the machine and let it boot from the network; its registration goes on there.",
)
NOT_FETCHED = Issue(
    "FW-016",
    "The file of an update could not be fetched",
    Severity.ERROR,
    "The file storage does not give the machine the file of the baseline, or it came with another "
    "size or SHA-256. The tool was not run, and the component is as it was.",
    "Read on the time line what the storage answered. Is the file still there, and within the "
    "machine's reach? Upload it to the baseline again if it is damaged. Then boot the machine "
    "again.",
)
