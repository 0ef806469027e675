"""Text for people's terminals: some machines have terminal commands in their names."""


def one_line(text: str, limit: int) -> str:
    """One printable line of at most `limit` characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:limit]


def lines(text: str, count: int) -> str:
    """The last `count` lines, each printable and at most 200 characters long."""
    return "\n".join(one_line(line, 200) for line in text.splitlines()[-count:])
