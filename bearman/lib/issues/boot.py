"""Issues of booting over the network; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Boot"

BEARMAN_UNREACHABLE = Issue(
    "BOOT-001",
    "The machine cannot reach Bearman",
    Severity.ERROR,
    "A boot script waited for Bearman for BEARMAN_PATIENCE seconds, and got no answer.",
    "Check the cable and the switch port, that DHCP gives the machine an address, and that Bearman "
    "runs and can be reached from there.",
)
TOKEN_REFUSED = Issue(
    "BOOT-002",
    "Bearman refuses the machine's boot token",
    Severity.ERROR,
    "The boot token has ended, is another machine's or for another purpose, or comes from another "
    "address than it was given to. Each network boot gets a new one, which ends those before it.",
    "Switch the machine off and on again: each network boot gets a new boot token.",
)
SETTINGS_UNUSABLE = Issue(
    "BOOT-003",
    "The settings of the boot scripts cannot be used",
    Severity.ERROR,
    "A setting that Bearman puts on the kernel command line or into the seed is missing or "
    "malformed, or one that somebody set by hand is.",
    "Boot the machine over the network: Bearman gives the settings. Look at the iPXE script that "
    "it gives this machine.",
)
SCRIPT_NOT_FETCHED = Issue(
    "BOOT-004",
    "The machine's script could not be fetched",
    Severity.ERROR,
    "autorun did not get the script that is due, or it came with another SHA-256 than Bearman "
    "says.",
    "See that boot scripts are published (`bearman publish_scripts`) and that the storage can be "
    "reached from the machine.",
)
SCRIPT_DIED = Issue(
    "BOOT-005",
    "A boot script ended without a word",
    Severity.ERROR,
    "The script was killed, or is no shell script at all: it did not say why it ended.",
    "Look for a kernel message (dmesg), such as a lack of memory, and try again.",
)
ANSWER_UNUSABLE = Issue(
    "BOOT-006",
    "Bearman's answer cannot be used",
    Severity.ERROR,
    "A boot script checked what Bearman answered, and a part of it is missing or malformed.",
    "Publish the boot scripts anew (`bearman publish_scripts`): Bearman and its scripts should be "
    "of one version. Look at Bearman's log for this machine.",
)
NOT_FROM_NETWORK = Issue(
    "BOOT-007",
    "The machine did not boot from the network",
    Severity.ERROR,
    "The machine was switched on to boot from the network, and did not ask Bearman what to boot.",
    "See on its console what it booted: is network boot enabled, does DHCP answer with Bearman's "
    "address, is the right interface first?",
)
STAGE_ONE_SILENT = Issue(
    "BOOT-008",
    "Stage one was booted and did not run its script",
    Severity.ERROR,
    "The machine was given stage one to boot, and no word came from kexec.sh in time.",
    "Look at the machine's console: does the current version of the stage-one image "
    "(BEARMAN_STAGE_ONE_IMAGE) come up, and has it autorun.service? `bearman-cli image roll-back` "
    "goes back to the version before.",
)
BOOT_ORDER_PUT_RIGHT = Issue(
    "BOOT-009",
    "The BMC was set to boot something else",
    Severity.NOTE,
    "When a deployment switched the machine on, its BMC was set to boot it from a disk or into its "
    "setup the next time. It was set to the network again.",
    "Nothing, unless somebody set it on purpose; then put the node into maintenance first.",
)
REFUSED = Issue(
    "BOOT-010",
    "Bearman refuses what the machine asks for",
    Severity.ERROR,
    "A boot script asked something of Bearman that is not to be done in the present state of the "
    "node or of its deployment.",
    "Do what the reason says, in Bearman's Admin, and try again.",
)
ROOT_DAMAGED = Issue(
    "BOOT-011",
    "The root image is not what Bearman says",
    Severity.ERROR,
    "The machine's initramfs fetched the root (filesystem.squashfs) and it has another size or "
    "SHA-256 than the kernel command line names (bearman.root), also when it was fetched again. "
    "It was not mounted, and the machine restarts.",
    "Compare the file in the storage with its checksum in Bearman, look for a proxy on the way, "
    "and publish the image anew under another version if the file is damaged.",
)
CERTIFICATE_REFUSED = Issue(
    "BOOT-012",
    "The machine does not trust Bearman's certificate",
    Severity.ERROR,
    "A server's TLS certificate does not verify: it has ended, is of another CA than the image "
    "carries (/etc/bearman/ca.pem), is for another name, or the machine's clock is wrong.",
    "The machine's screen says which of them it is, and what its clock shows. Give the server a "
    "certificate of the CA for the name in BEARMAN_PUBLIC_URL, put the CA into the image, or set "
    "the machine's clock.",
)
ROOT_NOT_FETCHED = Issue(
    "BOOT-013",
    "The root image could not be fetched",
    Severity.ERROR,
    "The machine's initramfs asked for the root (fetch= on the kernel command line) several times, "
    "and nothing came any more. What is there was not mounted, and the machine restarts.",
    "The console says what the server answered. See that the image is still in the storage and "
    "that the machine reaches it from the network that it boots from; a signed address ends after "
    "a time, and the next boot gets a new one.",
)
ROOT_ARGUMENTS = Issue(
    "BOOT-014",
    "The kernel command line does not say what the root is",
    Severity.ERROR,
    "On the kernel command line bearman.root= or fetch= is malformed or was cut off, so that the "
    "initramfs cannot know what to fetch. Nothing was mounted, and the machine restarts.",
    "Look at the iPXE script or the plan that Bearman gives this machine, and at the kernel "
    "arguments of its profile. Are Bearman and the image of one version?",
)
ROOT_WITHOUT_ROOM = Issue(
    "BOOT-015",
    "The machine's memory has no room for the root image",
    Severity.ERROR,
    "The root is kept in memory, and the initramfs found less free than it needs. The machine "
    "restarts.",
    "Choose a smaller image, or a machine with more memory.",
)
NO_STAGE_ONE = Issue(
    "BOOT-016",
    "There is no stage-one image",
    Severity.ERROR,
    "Machines register and are deployed from the current version of the image "
    "BEARMAN_STAGE_ONE_IMAGE, and no version of it is current. Machines that ask wait, and ask "
    "again.",
    "Build it with `python -m image_builder build RECIPE --publish`, or add files on the server "
    "with `bearman image_add`. See that BEARMAN_STAGE_ONE_IMAGE is its name, and promote it.",
)
