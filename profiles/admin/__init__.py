"""The Admin's pages on flavors, profiles, images and boot scripts."""

from profiles.admin.flavor import FlavorAdmin
from profiles.admin.image import ImageAdmin
from profiles.admin.profile import ProfileAdmin
from profiles.admin.script import ScriptReleaseAdmin

__all__ = ["FlavorAdmin", "ImageAdmin", "ProfileAdmin", "ScriptReleaseAdmin"]
