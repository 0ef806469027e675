"""Issues of deployments; no Django here."""

from bearman.lib.issues import boot
from bearman.lib.issues.issue import Issue, Severity

TITLE = "Deployment"

STEP_FAILED = Issue(
    "DEP-001",
    "A step of the deployment failed",
    Severity.ERROR,
    "A step of the deployment ended with an error that has no entry of its own.",
    "Read the time line, look at the machine's console, then redeploy or release it.",
)
IMAGE_DAMAGED = Issue(
    "DEP-002",
    "A file of the image is damaged",
    Severity.ERROR,
    "Kernel or initramfs came with another size or SHA-256 than Bearman has for it, also at the "
    "second try. It was not booted.",
    "Compare the image in the storage with its checksum in Bearman, and look for a proxy on the "
    "way; `bearman image_add` adds the files anew under another version. Then redeploy.",
)
IMAGE_NOT_FETCHED = Issue(
    "DEP-003",
    "A file of the image cannot be fetched",
    Severity.ERROR,
    "The storage does not give the machine the kernel, the initramfs or Bearman's seed.",
    "See that the image is still in the storage and that its address can be reached from the "
    "machine, then redeploy.",
)
NOT_ENOUGH_MEMORY = Issue(
    "DEP-004",
    "The machine has too little memory for the image",
    Severity.ERROR,
    "The system's files and its root do not fit into the machine's memory, however it is booted.",
    "Choose a smaller image, or a machine with more memory; then redeploy.",
)
NIC_NO_KEXEC = Issue(
    "DEP-005",
    "A network card does not survive a kexec",
    Severity.WARNING,
    "An interface has a driver and a firmware that BEARMAN_KEXEC_DENY_NICS lists. The system is "
    "booted over the network instead, which takes longer.",
    "Update the card's firmware, and take it from the list once it is known to work.",
)
NO_ROOM_FOR_KEXEC = Issue(
    "DEP-006",
    "Stage one has too little room for a kexec",
    Severity.WARNING,
    "The files of the system do not fit beside stage one in the memory that is free. The system is "
    "booted over the network instead, which takes longer.",
    "Nothing; a smaller initramfs or more memory would make the deployment faster.",
)
KEXEC_FAILED = Issue(
    "DEP-007",
    "kexec did not load or start the system",
    Severity.WARNING,
    "kexec refused the kernel, or came back from it. The system is booted over the network "
    "instead.",
    "See that kernel and initramfs belong to this machine's architecture, and that neither secure "
    "boot nor a lockdown forbids kexec.",
)
STAGE_TWO_SILENT = Issue(
    "DEP-008",
    "The system was booted and has not called back",
    Severity.ERROR,
    "The machine was told to boot the system of its profile, and nothing in it asked Bearman for "
    "the install script in time.",
    "Look at the machine's console. See that the image has bearman-install.service and the "
    "initramfs hook, and that its network reaches Bearman; then redeploy.",
)
INSTALL_SILENT = Issue(
    "DEP-009",
    "The install script did not come to its end",
    Severity.ERROR,
    "The system is up and asked for its install script, and then neither finished nor failed "
    "within BEARMAN_CONFIGURE_SECONDS.",
    "Look at the machine's console: the script may hang, or has cut the network that it reports "
    "over. Mend the profile, then redeploy.",
)
INSTALL_FAILED = Issue(
    "DEP-010",
    "The install script failed",
    Severity.ERROR,
    "The profile's install script ended with an error; the last lines of its output are kept.",
    "Read the last lines of the install script, mend the profile, then redeploy.",
)
INSTALL_TOO_LONG = Issue(
    "DEP-011",
    "The install script took too long and was stopped",
    Severity.ERROR,
    "The profile's install script did not end within the time that its image gives it "
    "(BEARMAN_INSTALL_SECONDS).",
    "The last lines of the log say where it was. Mend the profile's script, or give it more time.",
)
WRONG_SYSTEM = Issue(
    "DEP-012",
    "The machine booted something else than it was told",
    Severity.WARNING,
    "A system called with the boot token of this machine and the nonce of another boot: one on its "
    "disk, or one from before. It is not listened to, and the deadline boots the right one.",
    "See that the machine boots from the network first.",
)
PROFILE_INVALID = Issue(
    "DEP-013",
    "The profile renders to something invalid",
    Severity.ERROR,
    "The profile's configuration or kernel command line, rendered for this node, is refused by its "
    "checker. Nothing was switched on.",
    "Mend the profile; `bearman-cli profile render PROFILE --node NODE` shows the files.",
)
NODE_UNFIT = Issue(
    "DEP-014",
    "The node has less than its flavor demands",
    Severity.ERROR,
    "Nothing is deployed on a machine of which a part is missing by what its flavor says.",
    "Mend the machine and register it again, or change the flavor.",
)
NODE_NOT_FREE = Issue(
    "DEP-015",
    "The node is not free",
    Severity.ERROR,
    "Only a READY node can be deployed; this one has a deployment already, or is in another "
    "status.",
    "Release what is on it first, or take another node.",
)
HOSTNAME_TAKEN = Issue(
    "DEP-016",
    "The host name is taken",
    Severity.ERROR,
    "Another deployment that is not released has this host name.",
    "Choose another one, or release that deployment.",
)
NOT_PREPARED = Issue(
    "DEP-017",
    "The deployment could not be prepared",
    Severity.ERROR,
    "Addresses, configuration or the order to switch on could not be had, also when it was tried "
    "again.",
    "See IPman's service pools of the zone and the profile in the Admin, then redeploy.",
)
NO_WORKER = Issue(
    "DEP-018",
    "No worker switched the machine in time",
    Severity.ERROR,
    "The machine was to be switched on or off for a deployment, and no worker did it in time.",
    "See that a worker runs (`bearman worker`), then redeploy or release it again.",
)
NOTHING_TO_BOOT = Issue(
    "DEP-019",
    "There is nothing for this machine to boot now",
    Severity.ERROR,
    "The machine asked for what to boot, or for its configuration, and its deployment is not in a "
    "state in which it gets any: it was released or given up, or went on without this boot.",
    "Look at this machine's deployment in Bearman's Admin: is it still to be deployed?",
)
NOT_TAKEN_BACK = Issue(
    "DEP-020",
    "The machine could not be taken back",
    Severity.ERROR,
    "It was to be released, and its power could not be cut or its addresses not be given back, "
    "also when it was tried again. It may still run, with its addresses.",
    "Switch the machine off by hand and release it again.",
)
KEXEC_SILENT = Issue(
    "DEP-021",
    "Stage one fell silent while it brought up the system",
    Severity.ERROR,
    "kexec.sh was told what to boot, and neither reported nor booted it in time.",
    "Look at the machine's console; its log is in /run/bearman/log. Then redeploy.",
)
CAME_BACK = Issue(
    "DEP-022",
    "The machine came back to its firmware instead of the system",
    Severity.ERROR,
    "The machine was given its system, and asked again what to boot before the system had called: "
    "its kernel crashed or the machine was reset. It is booted again while attempts are left.",
    "Look at the machine's console for a kernel panic: does the initramfs find the root, does the "
    "kernel have this machine's drivers? Mend image or profile, then redeploy.",
)
IMAGE_NOT_SIGNED = Issue(
    "DEP-023",
    "Stage one wants a signed image, and this one is not",
    Severity.ERROR,
    "The stage-one image carries public keys, so that it boots nothing but images that one of them "
    "has signed. The image of this deployment has no manifest or no signature.",
    "Build the image with `python -m image_builder build --publish`, which signs it, and redeploy. "
    "To boot unsigned images, use a stage one without keys in /etc/bearman/image-keys.",
)
UNKNOWN_SIGNATURE = Issue(
    "DEP-024",
    "The image is signed by no key that stage one knows",
    Severity.ERROR,
    "The signature of the image's manifest is by none of the keys that the stage-one image "
    "carries, or the manifest was changed after it was signed. Nothing of the image was booted.",
    "Compare the image's key (`bearman-cli image show`) with those in /etc/bearman/image-keys of "
    "the machine. Build stage one anew with the key, or the image with another; if neither has "
    "changed, somebody has tampered with the storage.",
)
OTHER_MANIFEST = Issue(
    "DEP-025",
    "The manifest is of another image or version",
    Severity.ERROR,
    "The manifest is rightly signed, and names another image or version than the one that is to be "
    "deployed: an old, perhaps vulnerable image must not pass for a new one.",
    "Publish this version of the image anew, and redeploy. If nobody has moved files about by "
    "hand, somebody has tampered with the storage or with Bearman's database.",
)
NOT_IN_MANIFEST = Issue(
    "DEP-026",
    "A file of the image is not the one in its manifest",
    Severity.ERROR,
    "Kernel, initramfs or root, as Bearman hands them out or as the kernel command line names "
    "them, have another size or SHA-256 than in the signed manifest. Nothing was booted.",
    "Publish the image anew under another version, and redeploy. If nobody has changed its row by "
    "hand, somebody has tampered with Bearman's database.",
)
CANNOT_VERIFY = Issue(
    "DEP-027",
    "Stage one cannot verify signatures",
    Severity.ERROR,
    "The stage-one image carries public keys, and has no openssl, or one older than version 3, "
    "which cannot verify Ed25519; or none of the keys can be read.",
    "Put OpenSSL 3 and readable keys into the stage-one image (its role installs both), build and "
    "promote it, and redeploy.",
)

# What fails in a step that does not say more, by the name of the step.
FOR_STEP: dict[str, Issue] = {
    "settings": boot.SETTINGS_UNUSABLE,
    "autorun": boot.SCRIPT_NOT_FETCHED,
    "network": boot.BEARMAN_UNREACHABLE,
    "prepare": NOT_PREPARED,
    "stage_one": boot.STAGE_ONE_SILENT,
    "plan": NOTHING_TO_BOOT,
    "verify": CANNOT_VERIFY,
    "fetch": IMAGE_NOT_FETCHED,
    "kexec": KEXEC_FAILED,
    "stage_two": STAGE_TWO_SILENT,
    "configure": INSTALL_FAILED,
    "power_off": NOT_TAKEN_BACK,
}


def for_step(step: str) -> Issue:
    """Return the entry for a step that failed without one of its own."""
    return FOR_STEP.get(step, STEP_FAILED)
