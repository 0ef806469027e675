"""The Admin's pages on flavors, profiles, images and boot scripts."""

from profiles.admin.flavor import FlavorAdmin
from profiles.admin.image import ImageAdmin
from profiles.admin.profile import ProfileAdmin
from profiles.admin.script import ScriptReleaseAdmin
from profiles.admin.upload import ImagePromotionAdmin, ImageUploadAdmin

__all__ = [
    "FlavorAdmin",
    "ImageAdmin",
    "ImagePromotionAdmin",
    "ImageUploadAdmin",
    "ProfileAdmin",
    "ScriptReleaseAdmin",
]
