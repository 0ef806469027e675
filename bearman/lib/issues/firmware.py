"""Issues of firmware and its updates; no Django here."""

TITLE = "Firmware"
