"""Small machines for tests: what their programs print."""

import json
import uuid
from dataclasses import dataclass, field

from protos.bearman.v1 import nodes_pb2 as pb

_DMIDECODE = """# dmidecode 3.4
Getting SMBIOS data from sysfs.
SMBIOS 3.3.0 present.

Handle 0x0000, DMI type 0, 26 bytes
BIOS Information
\tVendor: Acme Firmware
\tVersion: 2.12.4
\tRelease Date: 07/26/2023

Handle 0x0100, DMI type 1, 27 bytes
System Information
\tManufacturer: {vendor}
\tProduct Name: {product}
\tVersion: Not Specified
\tSerial Number: {serial}
\tUUID: {uuid}
\tWake-up Type: Power Switch
\tSKU Number: SKU=1
\tFamily: Servers

Handle 0x0200, DMI type 2, 8 bytes
Base Board Information
\tManufacturer: {vendor}
\tProduct Name: 0XV1DT
\tVersion: A01
\tSerial Number: {board_serial}

Handle 0x0300, DMI type 3, 22 bytes
Chassis Information
\tManufacturer: {vendor}
\tType: Rack Mount Chassis
\tLock: Present
\tSerial Number: {serial}
\tAsset Tag: Not Specified

Handle 0x0400, DMI type 4, 48 bytes
Processor Information
\tSocket Designation: CPU1
\tType: Central Processor
\tFamily: Xeon
\tManufacturer: Intel
\tVersion: Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz
\tCurrent Speed: 2000 MHz
\tStatus: Populated, Enabled
\tCore Count: 32
\tCore Enabled: 32
\tThread Count: 64

"""
_DIMM = """Handle 0x11{number:02X}, DMI type 17, 92 bytes
Memory Device
\tArray Handle: 0x1000
\tTotal Width: 72 bits
\tData Width: 64 bits
\tSize: 32 GB
\tForm Factor: DIMM
\tSet: 1
\tLocator: A{number}
\tBank Locator: Not Specified
\tType: DDR4
\tType Detail: Synchronous Registered (Buffered)
\tSpeed: 3200 MT/s
\tManufacturer: Samsung
\tSerial Number: {serial}
\tAsset Tag: 0F222000
\tPart Number: M393A4K40EB3-CWE
\tRank: 2

"""


@dataclass
class Machine:
    """A machine; each has its own identity unless a test says otherwise."""

    number: int = 1
    uuid: str = ""
    serial: str = ""
    board_serial: str = ""
    macs: list[str] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)
    vendor: str = "Acme Inc."
    product: str = "RackBox 650"

    def __post_init__(self) -> None:
        """Fill in an identity from the number."""
        n = self.number
        self.uuid = self.uuid or str(uuid.uuid5(uuid.NAMESPACE_DNS, f"machine-{n}.example"))
        self.serial = self.serial or f"SN{n:06d}"
        self.board_serial = self.board_serial or f"BS{n:06d}"
        self.macs = self.macs or [f"b0:7b:25:{n // 256:02x}:{n % 256:02x}:0{i}" for i in (0, 1)]
        self.memory = self.memory or [f"{n:06X}{i:02X}" for i in range(4)]

    def dmidecode(self) -> bytes:
        """What `dmidecode` prints."""
        head = _DMIDECODE.format(
            vendor=self.vendor,
            product=self.product,
            serial=self.serial,
            uuid=self.uuid,
            board_serial=self.board_serial,
        )
        dimms = (_DIMM.format(number=i + 1, serial=s) for i, s in enumerate(self.memory))
        return (head + "".join(dimms)).encode()

    def ip_link(self) -> bytes:
        """What `ip -json -details link` prints."""
        loopback = {
            "ifname": "lo",
            "flags": ["LOOPBACK", "UP"],
            "mtu": 65536,
            "operstate": "UNKNOWN",
            "link_type": "loopback",
            "address": "00:00:00:00:00:00",
        }
        links = [
            {
                "ifname": f"eno{i + 1}",
                "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
                "mtu": 1500,
                "operstate": "UP",
                "link_type": "ether",
                "address": mac,
                "permaddr": mac,
            }
            for i, mac in enumerate(self.macs)
        ]
        return json.dumps([loopback, *links]).encode()

    def lsblk(self) -> bytes:
        """What `lsblk --json --bytes --output-all` prints."""
        disk = {
            "name": "nvme0n1",
            "type": "disk",
            "size": 960197124096,
            "model": "PM9A3",
            "serial": f"S64{self.number:06d}",
            "rota": False,
            "tran": "nvme",
        }
        return json.dumps({"blockdevices": [disk]}).encode()

    def inventory(self) -> pb.Inventory:
        """All of it, as the protocol carries it."""
        ethtool = b"driver: ice\nversion: 6.1\nfirmware-version: 4.40\nbus-info: 0000:31:00.0\n"
        return pb.Inventory(
            dmidecode=self.dmidecode(),
            lsblk=self.lsblk(),
            ip_link=self.ip_link(),
            ethtool=[pb.EthtoolInfo(interface="eno1", output=ethtool)],
        )
