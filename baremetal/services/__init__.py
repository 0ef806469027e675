"""The rules of deployments: the only code that writes their tables."""
