"""Readers of what a node says about its own hardware; pure functions over hostile text."""

from nodes.inventory.dmi_types import Dimm, Dmidecode, EmptySlot, Processor
from nodes.inventory.dmidecode import parse_dmidecode
from nodes.inventory.errors import InventoryError
from nodes.inventory.ethtool import EthtoolInfo, parse_ethtool_i
from nodes.inventory.iplink import INTERFACE_NAME, Nic, parse_ip_link
from nodes.inventory.lsblk import Disk, parse_lsblk

__all__ = [
    "INTERFACE_NAME",
    "Dimm",
    "Disk",
    "Dmidecode",
    "EmptySlot",
    "EthtoolInfo",
    "InventoryError",
    "Nic",
    "Processor",
    "parse_dmidecode",
    "parse_ethtool_i",
    "parse_ip_link",
    "parse_lsblk",
]
