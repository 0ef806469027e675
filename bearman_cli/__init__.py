"""bearman-cli: what machines and operators type; speaks gRPC to Bearman, needs no Django."""

__version__ = "0.1.0"
