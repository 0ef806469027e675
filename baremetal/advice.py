"""What a person should do about a deployment that failed, by the name of the step."""

STEPS: dict[str, str] = {
    "prepare": "See IPman's service pools of the zone and the profile in the Admin, then redeploy.",
    "power_on": "Check the BMC on the node's page (read the power, set the boot device), and that "
    "the machine boots from the network; then redeploy.",
    "stage_one": "Look at the machine's console: it was given stage one and has not run kexec.sh.",
    "network": "Check the cable and the switch port, and that the machine reaches Bearman.",
    "plan": "Read the reason; then redeploy.",
    "preflight": "Choose a machine or a profile that fits, then redeploy.",
    "fetch": "Check the image's files in the storage against their SHA-256 (`bearman image_add` "
    "adds them anew under another version), then redeploy.",
    "kexec": "Look at the machine's console; its log is in /run/bearman/log.",
    "stage_two": "Look at the machine's console: the system was booted and has not called back. "
    "See that its image has bearman-install.service and the initramfs hook.",
    "configure": "Read the last lines of the install script, mend the profile, then redeploy.",
    "power_off": "Switch the machine off by hand and release it again.",
}
ANY = "Read the time line, look at the machine's console, then redeploy or release it."


def for_step(step: str) -> str:
    """Return the advice for a step; there is always one."""
    return STEPS.get(step, ANY)
