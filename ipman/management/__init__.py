"""Management commands of IPman."""
