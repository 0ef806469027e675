"""What a BMC says of itself: IPMI 2.0 section 20.1, Get Device ID."""

from dataclasses import dataclass

DEVICE_ID, REVISION, IPMI_2_0 = 0x20, 0x01, 0x02
SUPPORT = 0xBF  # all but a bridge
ALL_AUX = bytes(4)


@dataclass(frozen=True, slots=True)
class DeviceId:
    """Firmware as MAJOR.MINOR, of which the minor part is two decimal digits (BCD on the wire)."""

    firmware: str = "1.00"
    vendor: int = 0
    vendor_name: str = "Unknown"
    product: int = 0

    def encode(self) -> bytes:
        """The data of the answer: 15 bytes."""
        major, _, minor = self.firmware.partition(".")
        firmware = bytes([int(major) & 0x7F]) + bytes.fromhex(minor.zfill(2)[:2])
        head = bytes([DEVICE_ID, REVISION]) + firmware + bytes([IPMI_2_0, SUPPORT])
        return (
            head + self.vendor.to_bytes(3, "little") + self.product.to_bytes(2, "little") + ALL_AUX
        )

    def words(self) -> str:
        """The lines of `ipmitool mc info` (ipmitool 1.8.19, ipmi_mc.c)."""
        rows = (
            ("Device ID", DEVICE_ID),
            ("Device Revision", REVISION),
            ("Firmware Revision", self.firmware),
            ("IPMI Version", "2.0"),
            ("Manufacturer ID", self.vendor),
            ("Manufacturer Name", self.vendor_name),
            ("Product ID", f"{self.product} (0x{self.product:04x})"),
            ("Product Name", f"Unknown (0x{self.product:X})"),
            ("Device Available", "yes"),
            ("Provides Device SDRs", "no"),
            ("Additional Device Support", ""),
        )
        support = (
            "Sensor Device",
            "SDR Repository Device",
            "SEL Device",
            "FRU Inventory Device",
            "IPMB Event Receiver",
            "IPMB Event Generator",
            "Chassis Device",
        )
        lines = [f"{name:<25} : {value}".rstrip() for name, value in rows]
        lines += [f"    {name}" for name in support]
        lines += ["Aux Firmware Rev Info     :", *(f"    0x{byte:02x}" for byte in ALL_AUX)]
        return "\n".join(lines) + "\n"
