"""The plan for a kexec as lines of text, which a shell reads one by one."""

from baremetal.services.machine import File, Plan

FORMAT = "bearman-plan 1"


def lines(plan: Plan) -> str:
    """Return the plan, a line for each thing; see boot_scripts/README.md for what they mean."""
    found = [
        FORMAT,
        f"nonce {plan.nonce}",
        _file("kernel", plan.kernel),
        _file("initramfs", plan.initramfs),
        *([_file("root", plan.root)] if plan.root else []),
        *([f"image {' '.join(plan.image)}"] if all(plan.image) else []),
        *([_file("manifest", plan.manifest)] if plan.manifest else []),
        *([f"signature {plan.signature}"] if plan.signature else []),
        f"seed {plan.seed_url}",
        f"memory {plan.memory_bytes}",
        *(f"deny-nic {driver} {firmware}" for driver, firmware in plan.denied),
        f"append {plan.append}",
    ]
    return "".join(f"{line}\n" for line in found)


def _file(kind: str, file: File) -> str:
    return f"{kind} {file.sha256} {file.size} {file.url}"
