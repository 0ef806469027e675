"""The Admin's base classes, its look, and the pages of the project itself."""

from bearman.admin.base import BearmanAdmin, ReadOnlyAdmin, each, log_added, refuse, telling
from bearman.admin.jobs import JobAdmin

__all__ = ["BearmanAdmin", "JobAdmin", "ReadOnlyAdmin", "each", "log_added", "refuse", "telling"]
