"""Lines of dmidecode's output that are the same on every machine of the catalogue."""

# A UUID of zeros is "not settable", one of ones "not present": SMBIOS 3.7 section 7.2.1.
UUID_WORDS = {
    "00000000-0000-0000-0000-000000000000": "Not Settable",
    "ffffffff-ffff-ffff-ffff-ffffffffffff": "Not Present",
}

# SMBIOS 3.7 section 7.1.1.
BIOS_CHARACTERISTICS = (
    "PCI is supported",
    "PNP is supported",
    "BIOS is upgradeable",
    "BIOS shadowing is allowed",
    "Boot from CD is supported",
    "Selectable boot is supported",
    "EDD is supported",
    "Serial services are supported (int 14h)",
    "ACPI is supported",
    "USB legacy is supported",
    "BIOS boot specification is supported",
    "Function key-initiated network boot is supported",
    "Targeted content distribution is supported",
    "UEFI is supported",
)

# The feature bits of CPUID function 1, register EDX, that x86-64 servers have.
CPU_FLAGS = (
    "FPU (Floating-point unit on-chip)",
    "VME (Virtual mode extension)",
    "DE (Debugging extension)",
    "PSE (Page size extension)",
    "TSC (Time stamp counter)",
    "MSR (Model specific registers)",
    "PAE (Physical address extension)",
    "MCE (Machine check exception)",
    "CX8 (CMPXCHG8 instruction supported)",
    "APIC (On-chip APIC hardware supported)",
    "SEP (Fast system call)",
    "MTRR (Memory type range registers)",
    "PGE (Page global enable)",
    "MCA (Machine check architecture)",
    "CMOV (Conditional move instruction supported)",
    "PAT (Page attribute table)",
    "PSE-36 (36-bit page size extension)",
    "CLFSH (CLFLUSH instruction supported)",
    "MMX (MMX technology supported)",
    "FXSR (FXSAVE and FXSTOR instructions supported)",
    "SSE (Streaming SIMD extensions)",
    "SSE2 (Streaming SIMD extensions 2)",
    "HTT (Multi-threading)",
)

# SMBIOS 3.7 section 7.5.9.
CPU_CHARACTERISTICS = (
    "64-bit capable",
    "Multi-Core",
    "Hardware Thread",
    "Execute Protection",
    "Enhanced Virtualization",
    "Power/Performance Control",
)

# What stands below the designation of a processor socket that is empty.
EMPTY_SOCKET = (
    "\tFamily: Unknown",
    "\tManufacturer: Not Specified",
    "\tID: 00 00 00 00 00 00 00 00",
    "\tVersion: Not Specified",
    "\tVoltage: Unknown",
    "\tExternal Clock: 100 MHz",
    "\tMax Speed: 4000 MHz",
    "\tCurrent Speed: Unknown",
    "\tStatus: Unpopulated",
    "\tUpgrade: Other",
    "\tL1 Cache Handle: Not Provided",
    "\tL2 Cache Handle: Not Provided",
    "\tL3 Cache Handle: Not Provided",
    "\tSerial Number: Not Specified",
    "\tAsset Tag: Not Specified",
    "\tPart Number: Not Specified",
    "\tCharacteristics: None",
)

# SMBIOS 3.7 section 7.39; KCS at its usual port.
IPMI_DEVICE = (
    "IPMI Device Information",
    "\tInterface Type: KCS (Keyboard Control Style)",
    "\tSpecification Version: 2.0",
    "\tI2C Slave Address: 0x10",
    "\tNV Storage Device: Not Present",
    "\tBase Address: 0x0000000000000CA2 (I/O)",
    "\tRegister Spacing: Successive Byte Boundaries",
)
