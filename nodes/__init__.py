"""The machines: identity, inventory, BMC, status."""
