"""The protocol, and the Python code that is generated from it."""
