"""iPXE scripts as text. Pure; every value that goes in is checked or made harmless.

The language: https://ipxe.org/scripting. A script that iPXE cannot read stops a machine, so there
is none with a syntax that depends on what somebody else wrote.
"""

import re

_UNSAFE = re.compile(r"[^A-Za-z0-9 .,:;_/+()@-]")
_ARGUMENT = re.compile(r"[!-~]+")  # visible ASCII without blanks (kernel command line)
RETRY_SECONDS = 30
NEXT_DEVICE_SECONDS = 10


def words(text: str) -> str:
    """Return `text` fit for an `echo` line: one line, no variables, no commands, bounded."""
    return _UNSAFE.sub("_", text)[:300]


def argument(name: str, value: str) -> str:
    """Return `name=value` for a kernel command line; raises ValueError if it would be more."""
    if not _ARGUMENT.fullmatch(value) or "${" in value or value.startswith("#"):
        raise ValueError(f"{name} has a value that does not fit a kernel command line.")
    return f"{name}={value}"


def stage_one(
    *, kernel_url: str, initramfs_url: str, append: str, arguments: dict[str, str], title: str
) -> str:
    """Return the script that boots stage one."""
    added = [argument(name, value) for name, value in arguments.items()]
    line = " ".join(word for word in (append, *added) if word)
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman: {words(title)}",
            f"kernel {kernel_url} initrd=initrd.img {line} || goto failed",
            f"initrd --name initrd.img {initramfs_url} || goto failed",
            "boot || goto failed",
            ":failed",
            f"echo Bearman: stage one could not be fetched; next try in {RETRY_SECONDS} s",
            f"sleep {RETRY_SECONDS}",
            "reboot",
            "",
        ]
    )


def system(*, kernel_url: str, initramfs_url: str, seed_url: str, append: str, title: str) -> str:
    """Return the script that boots the system of a deployment.

    The seed is one more initramfs piece, with the system's secret; both are named on the command
    line, since a kernel that UEFI starts reads only those. The seed comes first: such a kernel puts
    one right behind the other, and looks for an archive at multiples of four bytes only
    (driver-api/early-userspace/buffer-format.rst). The seed's size is one, an image's may be any.
    """
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman: {words(title)}",
            ":begin",
            "imgfree",
            f"kernel {kernel_url} initrd=seed.img initrd=initrd.img {append} || goto failed",
            f"initrd --name seed.img {seed_url} || goto failed",
            f"initrd --name initrd.img {initramfs_url} || goto failed",
            "boot || goto failed",
            ":failed",
            f"echo Bearman: the system could not be fetched; next try in {RETRY_SECONDS} s",
            f"sleep {RETRY_SECONDS}",
            "goto begin",
            "",
        ]
    )


def local_disk(*, title: str) -> str:
    """Return the script for a machine with a system on its disk.

    BIOS starts the first disk; UEFI goes on in its boot order, where the installer put the system.
    """
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman: {words(title)}",
            "iseq ${platform} efi && exit ||",
            "sanboot --no-describe --drive 0x80 || exit",
            "",
        ]
    )


def nothing(*, reason: str) -> str:
    """Return the script for a machine that Bearman has nothing for: on to its next boot device."""
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman has nothing for this machine: {words(reason)}",
            f"echo Going on to the next boot device in {NEXT_DEVICE_SECONDS} s",
            f"sleep {NEXT_DEVICE_SECONDS}",
            "exit",
            "",
        ]
    )


def again(*, url: str, reason: str) -> str:
    """Return the script that says what is wrong, waits, and asks `url` again."""
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman: {words(reason)}",
            f"echo Next try in {RETRY_SECONDS} s",
            f"sleep {RETRY_SECONDS}",
            f"chain --replace --autofree {url} || reboot",
            "",
        ]
    )


def with_mac(*, url: str, reason: str) -> str:
    """Return the script that asks `url` again, with the MAC address of the interface it boots from.

    iPXE calls the interface that it opened last netX (https://ipxe.org/cfg/netx).
    """
    return "\n".join(
        [
            "#!ipxe",
            f"echo Bearman: {words(reason)}",
            f"chain --replace --autofree {url}?mac=${{netX/mac}} || reboot",
            "",
        ]
    )
