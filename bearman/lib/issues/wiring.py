"""Issues of cables, fibre and switch ports; no Django here."""

TITLE = "Wiring"
