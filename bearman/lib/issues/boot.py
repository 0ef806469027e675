"""Issues of booting over the network; no Django here."""

TITLE = "Boot"
