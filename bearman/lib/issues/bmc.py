"""Issues of BMCs and of power; no Django here."""

TITLE = "BMC and power"
