"""Issues of machines that are not what was ordered; no Django here."""

TITLE = "Expected machines"
