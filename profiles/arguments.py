"""The kernel command line, made of an image's arguments, a profile's and Bearman's. Pure."""

MAX_LENGTH = 2047  # characters: COMMAND_LINE_SIZE of x86 is 2048, with the NUL at the end


def merged(*, image: str, profile: str) -> str:
    """Return an image's arguments and a profile's: where both set one, the profile's counts."""
    taken = {_name(word) for word in profile.split()}
    own = [word for word in image.split() if _name(word) not in taken]
    return " ".join([*own, profile]).strip()


def root_digest(sha256: str, size: int) -> str:
    """Return the value of `bearman.root`, by which an initramfs knows the root before use."""
    return f"{sha256}:{size}"


def _name(word: str) -> str:
    return word.partition("=")[0]
