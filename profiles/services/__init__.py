"""The rules of flavors, images, profiles and boot scripts; only these write their tables."""

from profiles.services.flavors import flavor_delete, flavor_save
from profiles.services.images import Artefacts, image_add, image_add_folder
from profiles.services.profiles import (
    profile_delete,
    profile_follow,
    profile_hold,
    profile_problems,
    profile_rollback,
    profile_save,
)
from profiles.services.promotions import image_back, image_promote, image_roll_back
from profiles.services.removal import image_delete
from profiles.services.scripts import release_publish, release_roll_back

__all__ = [
    "Artefacts",
    "flavor_delete",
    "flavor_save",
    "image_add",
    "image_add_folder",
    "image_back",
    "image_delete",
    "image_promote",
    "image_roll_back",
    "profile_delete",
    "profile_follow",
    "profile_hold",
    "profile_problems",
    "profile_rollback",
    "profile_save",
    "release_publish",
    "release_roll_back",
]
