"""System boot options of a BMC (IPMI 2.0 sections 28.12 and 28.13)."""

FLAGS = 5  # boot flags: table 28-14
VALID = 0x80  # data 1 of the boot flags: the flags are to be used
PERSISTENT = 0x40
UEFI = 0x20

# Bytes of each parameter: table 28-14.
_LENGTHS = {0: 1, 1: 1, 2: 1, 3: 1, 4: 2, FLAGS: 5}


class UnknownBootOptionError(Exception):
    """A boot option parameter that this BMC does not have."""


class BootOptions:
    """The boot option parameters as the bytes that go over the wire."""

    def __init__(self) -> None:
        self._values = {number: bytes(length) for number, length in _LENGTHS.items()}

    def get(self, number: int) -> bytes:
        """Bytes of a parameter; raises UnknownBootOptionError."""
        if number not in self._values:
            raise UnknownBootOptionError(str(number))
        return self._values[number]

    def put(self, number: int, value: bytes) -> None:
        """Set a parameter; raises UnknownBootOptionError, or ValueError for a wrong length."""
        if len(value) != len(self.get(number)):
            raise ValueError(f"boot option {number} has {len(self.get(number))} bytes")
        self._values[number] = value

    def take(self) -> int:
        """The boot device for a boot that begins now, 0 for none; once only unless persistent."""
        device, first = self.device, self._values[FLAGS][0]
        if not first & PERSISTENT:
            self._values[FLAGS] = bytes(_LENGTHS[FLAGS])
        return device

    @property
    def device(self) -> int:
        """Boot device number of the flags (1 PXE, 2 disk, 6 BIOS setup), 0 for no override."""
        first, second = self._values[FLAGS][:2]
        return second >> 2 & 0x0F if first & VALID else 0
