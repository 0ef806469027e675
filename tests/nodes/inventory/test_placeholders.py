"""What firmware vendors leave, and the genuine values that look a little like it."""

import pytest

from nodes.inventory.placeholders import is_placeholder, is_unknown_choice

PLACEHOLDERS = [
    *("To Be Filled By O.E.M.", "To be filled by O.E.M.", "to be filled by OEM", "Fill By OEM"),
    *("Not Specified", "Not Available", "NOT AVAILABLE", "Not Applicable", "Not Set", "N/A", "n/a"),
    *("Not Present", "Not Settable", "Not Installed", "None", "none", "(none)", "NULL", "empty"),
    *("[Empty]", "Unknown", "UNKNOWN", "Unkonwn", "Undefined", "Default string", "Default_String"),
    *("$(DEFAULT_STRING)", "OEM", "O.E.M.", "TBD", "TBD by OEM", "Type1 - TBD by OEM", "INVALID"),
    *("<BAD INDEX>", "<OUT OF SPEC>", "NO DIMM", "MemUndefined", "Reserved", "ABCD", "EVAL"),
    *("System Product Name", "System manufacturer", "System Serial Number", "System Version"),
    *("System SKU Number", "SYSTEM_FAMILY", "Chassis Serial Number", "Chassis Manufacture"),
    *("Base Board Serial Number", "BaseBoard Product Name", "Mainboard Serial Number"),
    *("Type2 - Board Serial Number", "Type2 - Board Vendor Name1", "Type1Sku0", "Type1Family"),
    *("SKU", "SKU Number", "Asset Tag", "No Asset Tag", "No Asset Information", "Serial Number"),
    "Unspecified Base Board Serial Number",
    *("A1_SerNum0", "SerNum3", "Array1_PartNumber0", "ModulePartNumber3", "Manufacturer2"),
    *("A1_Manufacturer0", "Dimm1_Manufacturer_Name_String", "ChannelA_Dimm2_PartNum"),
    *("Dimm4_PartNum_____", "A1_AssetTagNum0", "Manufacturer not set", "Part Number not set"),
    *("None Provided", "Not Populated", "Not Supported", "Non Specified", "Not Specifed", "Absent"),
    *("Uninitialized", "Not Programmed", "No Enclosure", "No Memory", "Default Value", "XX"),
    *("Type1ProductConfigId", "SmbiosType2_BoardManufacturer", "System UUID", "OEM_MB", "x.x"),
    *("System Serial Numb", "OEM Default string000", "Please change product name", "OEM Specific"),
    *("BSN12345678901234567", "CSN12345678901234567", "BSS-0123456789", "Tag 12345", "ÿÿÿ"),
    *("To be filled by ODM", "TBD by ODM"),
    *("OEM_Define1", "Defined by OEM", "Unknown Manufacturer", "No Serial", "Default Vendor"),
    *("0123456789", "1234567890", "123456789", "01234567", "12345", "01234567890123456789AB"),
    *("123456789000", "SN-12345", "MB-1234567890", "SYS-9876543210", "Type1 - 123456789"),
    *("FEDCBA9876543211FEDCBA9876543211", "Asset-1234567890", "Serial Number xxxxxx"),
    *("0", "00", "0000000000", "0x0000", "0x0000000000000000", "00-00-00", "0.0"),
    *("FF", "FFFFFFFF", "0xFFFF", "ffffffff-ffff-ffff-ffff-ffffffffffff", "JEDEC ID:00 00"),
    *("xxxxxxx", "XXXX-XXXX", "11111111", "S26361-Kxxx-Vyyy"),
    *("", "--", "---", "..........", "...", "?", "* * *", "_"),
]

GENUINE = [
    "SKU=NotProvided;ModelName=PowerEdge R640",  # it still says the model
    *(
        "Server",
        "Super Server",
        "SERVER",
        "Blade Server System X",
        "Default Server",
        "Rack",
        "Nova",
    ),
    *("System x3650 M4 -[7915E1G]-", "ProLiant DL360 Gen9", "PowerEdge R620", "S5000PSL"),
    *("OEM-F7342-00", "OEGStone", "Unknown Worlds", "Nonesuch", "Model 30", "Version 2"),
    *("PRIMERGY CX600 M1 N/A", "MBD-B650-10G", "SKU=07E5;ModelName=PowerEdge T640"),
    *("0000001200", "000000000001", "0F0F0F", "CZ10000000", "F0F0", "XX1", "88", "8888", "F5"),
    *("123", "1235", "12346", "SN1", "1234X", "0x80AD", "0xCE", "CE00", "80CE000080CE", "0198"),
    *("520012", "30BC001DGE", "01", "07THW3", "MT2440600YYW", "3.4a", "F15", "'V1.10B'"),
    *("Loongson-3C5000L", "SHARETRONIC", "KINGSTON", "Partner Tech", "Tagan", "Modelo", "Serio"),
    *("Standard PC (Q35 + ICH9, 2009)", "Virtual Machine", "HVM domU", "All Series", "Standard"),
    *("VMware7,1", "440BX Desktop Reference Platform", "Not Your Average Server", "123456-B21"),
    *("Pleasanton", "BSN2", "NUM 5", "SMBIOS Systems", "Configurator", "Nonstop", "Unset Labs"),
    *("Other", "Type 82", "ID 5", "All", "English", "CPU1", "DIMM 0", "BANK0", "Part 1"),
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_what_vendors_leave_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", GENUINE)
def test_a_genuine_value_is_kept(value: str) -> None:
    assert not is_placeholder(value)


@pytest.mark.parametrize("value", ["Unknown", "<OUT OF SPEC>", "None", "Reserved", ""])
def test_a_choice_that_says_nothing_is_known(value: str) -> None:
    assert is_unknown_choice(value)


@pytest.mark.parametrize("value", ["Other", "DDR4", "Rack Mount Chassis"])
def test_a_choice_that_says_something_is_kept(value: str) -> None:
    assert not is_unknown_choice(value)
