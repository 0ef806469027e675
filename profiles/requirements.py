"""What a node of a flavor must have; no Django here."""

from dataclasses import dataclass

GIB, GB = 2**30, 10**9
# Firmware may keep a little memory for itself, so 2 % are forgiven.
FORGIVEN = 0.98


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a node has: bytes of memory and disks, counts of the rest; None for unknown."""

    memory_bytes: int
    cpu_cores: int | None
    disks: int
    disk_bytes: int
    interfaces: int


@dataclass(frozen=True, slots=True)
class Requirements:
    """The least that it must have; 0 for no requirement. Memory in GiB, disks in GB."""

    memory_gib: int = 0
    cpu_cores: int = 0
    disks: int = 0
    disk_gb: int = 0
    interfaces: int = 0


def shortfalls(wanted: Requirements, found: Hardware) -> list[str]:
    """Return in words what is missing; empty for nothing."""
    missing = []
    if found.memory_bytes < wanted.memory_gib * GIB * FORGIVEN:
        missing.append(
            f"{found.memory_bytes / GIB:.0f} GiB of memory instead of {wanted.memory_gib}"
        )
    if wanted.cpu_cores and (found.cpu_cores or 0) < wanted.cpu_cores:
        missing.append(f"{found.cpu_cores or 'unknown'} CPU cores instead of {wanted.cpu_cores}")
    if found.disks < wanted.disks:
        missing.append(f"{found.disks} disks instead of {wanted.disks}")
    if found.disk_bytes < wanted.disk_gb * GB:
        missing.append(f"{found.disk_bytes // GB} GB of disk space instead of {wanted.disk_gb}")
    if found.interfaces < wanted.interfaces:
        missing.append(f"{found.interfaces} network interfaces instead of {wanted.interfaces}")
    return missing
