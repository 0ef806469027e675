"""Issues of addresses from IPman; no Django here."""

TITLE = "Addresses"
