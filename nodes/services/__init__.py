"""The rules of machines: the only code that writes them. Import from its modules."""
