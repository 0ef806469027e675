"""Issues of who a machine is; no Django here."""

TITLE = "Identity"
