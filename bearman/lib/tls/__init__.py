"""A certificate authority of the site's own, for HTTPS and gRPC: see Folder."""

from bearman.lib.tls.folder import Done, Folder

__all__ = ["Done", "Folder"]
