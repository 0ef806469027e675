"""What the database knows of what machines are and boot."""

from profiles.models.flavor import Flavor, StopsAt
from profiles.models.image import Image, ImageContents, ImageKind
from profiles.models.profile import ConfigFormat, Profile
from profiles.models.promotion import ImagePromotion
from profiles.models.script import BootScript, ScriptRelease
from profiles.models.upload import ImageUpload

__all__ = [
    "BootScript",
    "ConfigFormat",
    "Flavor",
    "Image",
    "ImageContents",
    "ImageKind",
    "ImagePromotion",
    "ImageUpload",
    "Profile",
    "ScriptRelease",
    "StopsAt",
]
