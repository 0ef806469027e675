"""What the database knows of what machines are and boot."""

from profiles.models.flavor import Flavor, StopsAt
from profiles.models.image import Image
from profiles.models.profile import ConfigFormat, Profile
from profiles.models.script import BootScript

__all__ = ["BootScript", "ConfigFormat", "Flavor", "Image", "Profile", "StopsAt"]
