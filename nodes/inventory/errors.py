"""What a parser says of text that it cannot use."""


class InventoryError(ValueError):
    """One sentence that names the source and what is wrong with it."""
