"""UUIDs as firmware gives them: one spelling, both byte orders, and those that name nobody."""

import re
import uuid

_WITH_DASHES = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_WITHOUT_DASHES = re.compile(r"[0-9a-f]{32}", re.ASCII)


def canonical_uuid(text: str) -> str | None:
    """Return the UUID in `text` in lower case with dashes (RFC 9562 section 4), or None.

    Braces around it and missing dashes are forgiven; anything else is not a UUID. The stricter
    pattern is on purpose: `uuid.UUID` also takes underscores, signs and foreign digits.
    """
    bare = text.strip().lower()
    if bare.startswith("{") and bare.endswith("}"):
        bare = bare[1:-1]
    if _WITH_DASHES.fullmatch(bare):
        return bare
    return str(uuid.UUID(bare)) if _WITHOUT_DASHES.fullmatch(bare) else None


def swapped_uuid(canonical: str) -> str:
    """Return the same 16 bytes read in the other order; doing it twice gives back the first.

    SMBIOS 3.7 section 7.2.1: since version 2.6 the first three fields are little-endian. Older
    firmware, and readers that disagree about the version, print them in network order.
    """
    return str(uuid.UUID(bytes_le=uuid.UUID(canonical).bytes))


def _both_orders(canonicals: set[str]) -> frozenset[str]:
    return frozenset(canonicals | {swapped_uuid(canonical) for canonical in canonicals})


# Each of these is in many machines. Sources: FreeBSD's libexec/rc/rc.d/hostid, osquery's list of
# placeholder UUIDs, FOG Project's list of invalid ones; the rest count or repeat, by no chance.
KNOWN_BAD_UUIDS = _both_orders(
    {
        "00000000-0000-0000-0000-000000000000",  # "not settable", SMBIOS 3.7 section 7.2.1
        "ffffffff-ffff-ffff-ffff-ffffffffffff",  # "not present", the same section
        "03000200-0400-0500-0006-000700080009",  # American Megatrends' default
        "02000100-0300-0400-0005-000600070008",  # the same, counted from one less
        "12345678-1234-5678-90ab-cddeefaabbcc",  # Insyde's default
        "12345678-1234-5678-1234-567812345678",
        "01234567-89ab-cdef-0123-456789abcdef",
        "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "01020304-0506-0708-090a-0b0c0d0e0f10",
        "07090201-0103-0301-0807-060504030201",
        "10000000-0000-8000-0040-000000000000",
        "11111111-2222-3333-4444-555555555555",
        "00112233-4455-6677-8899-aabbccddeeff",
        "4c4c4544-0000-2010-8020-80c04f202020",  # Dell, a service tag of blanks
        "890e2d14-cacd-45d1-ae66-bc80e8bfeb0f",
        "8e275844-178f-44a8-aceb-a7d7e5178c63",
        "dc698397-fa54-4cf2-82c8-b1b5307a6a7f",
        "deadbeef-dead-beef-dead-beefdeadbeef",
    }
)

# Erased flash with a few bytes written: FreeBSD's rc.d/hostid refuses everything with this tail.
_ERASED_TAIL = "-ffff-ffff-ffff-ffffffffffff"


def is_known_bad_uuid(canonical: str) -> bool:
    """Tell whether many machines share this UUID: a vendor's default, or one byte repeated."""
    return (
        canonical in KNOWN_BAD_UUIDS
        or canonical.endswith(_ERASED_TAIL)
        or len(set(uuid.UUID(canonical).bytes)) == 1
    )
