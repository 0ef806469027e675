"""The rules of flavors, images, profiles and boot scripts; only these write their tables."""

from profiles.services.flavors import flavor_delete, flavor_save
from profiles.services.images import Artefacts, image_add, image_delete, image_make_current
from profiles.services.profiles import (
    profile_delete,
    profile_follow,
    profile_hold,
    profile_problems,
    profile_rollback,
    profile_save,
)
from profiles.services.scripts import script_publish, script_rollback

__all__ = [
    "Artefacts",
    "flavor_delete",
    "flavor_save",
    "image_add",
    "image_delete",
    "image_make_current",
    "profile_delete",
    "profile_follow",
    "profile_hold",
    "profile_problems",
    "profile_rollback",
    "profile_save",
    "script_publish",
    "script_rollback",
]
