"""The QEMU command of a machine: firmware, identity, network card, KCS to its BMC, disk."""

import shutil

from tests.rack.layout import PRODUCT, VENDOR, Firmware, Slot
from tests.rack.shell import run

PROGRAM = "qemu-system-x86_64"
NIC = "addr=5,bootindex=1,acpi-index=1"  # the index makes it eno1
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"  # Debian's package ovmf
OVMF_SETTINGS = "/usr/share/OVMF/OVMF_VARS_4M.fd"


def make_disk(slot: Slot) -> None:
    """Make the machine's empty disk, which takes no room yet, and its firmware's settings."""
    if slot.model.firmware is not Firmware.BIOS:
        shutil.copy(OVMF_SETTINGS, slot.folder / "settings.fd")
    path = slot.folder / "disk.img"
    run("truncate", "--size", f"{slot.model.disk_mib}M", path)


def qemu_command(slot: Slot) -> list[str]:
    """Return how to start the machine; its network card is on the tap of its port."""
    model, folder = slot.model, slot.folder
    # No KVM: on some computers a guest hangs in it.
    machine = ["-accel", "tcg,thread=multi,tb-size=64", "-cpu", "qemu64", "-m", str(model.memory)]
    return [
        *(PROGRAM, "-name", f"machine-{slot.number}", *machine),
        *("-smp", f"{model.cores},sockets=1,cores={model.cores}"),
        *("-nodefaults", "-display", "none", "-vga", "std"),
        *_identity(slot),
        *_firmware(slot),
        *("-chardev", f"file,id=console,path={slot.console},append=on"),
        *("-serial", "chardev:console"),
        *("-qmp", f"unix:{folder / 'qmp.sock'},server=on,wait=off"),
        *("-netdev", f"tap,id=n0,ifname={slot.tap},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=n0,mac={slot.mac},{NIC}{_no_rom(slot)}"),
        *("-device", "virtio-rng-pci,addr=6"),
        *("-chardev", f"socket,id=bmc,path={folder / 'kcs.sock'},reconnect=2"),
        *("-device", "ipmi-bmc-extern,id=bmc0,chardev=bmc", "-device", "isa-ipmi-kcs,bmc=bmc0"),
        *("-drive", f"file={folder / 'disk.img'},format=raw,if=none,id=d0,cache=unsafe"),
        *("-device", f"virtio-blk-pci,drive=d0,serial=DISK{slot.number:04},addr=7,bootindex=2"),
    ]


def _identity(slot: Slot) -> list[str]:
    """SMBIOS types 0, 1, 2, 3, 4 and 17 (DMTF DSP0134)."""
    who = f"manufacturer={VENDOR},serial={slot.serial}"
    return [
        *("-smbios", f"type=0,vendor={VENDOR},version=1.0.0,date=01/02/2026"),
        *("-smbios", f"type=1,{who},product={PRODUCT},uuid={slot.uuid}"),
        *("-smbios", f"type=2,{who},product=Board 1"),
        *("-smbios", f"type=3,{who}"),
        *("-smbios", f"type=4,manufacturer=Bearman Works,version={slot.model.cpu}"),
        *("-smbios", f"type=17,manufacturer={VENDOR},serial=DIMM{slot.number:04}"),
    ]


def _no_rom(slot: Slot) -> str:
    """QEMU's network card brings iPXE with it, also for UEFI: without, OVMF itself boots."""
    return "" if slot.model.firmware is Firmware.BIOS else ",romfile="


def _firmware(slot: Slot) -> list[str]:
    """OVMF, which boots over IPv4 alone, and over PXE or HTTP; SeaBIOS needs no word."""
    if slot.model.firmware is Firmware.BIOS:
        return []
    names = ["IPv6PXESupport"]
    if slot.model.firmware is Firmware.UEFI_HTTP:
        names.append("IPv4PXESupport")
    switched_off = [("-fw_cfg", f"name=opt/org.tianocore/{name},string=n") for name in names]
    return [
        *("-drive", f"if=pflash,format=raw,readonly=on,file={OVMF}"),
        *("-drive", f"if=pflash,format=raw,file={slot.folder / 'settings.fd'}"),
        *(word for pair in switched_off for word in pair),
    ]
