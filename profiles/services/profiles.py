"""Writes on profiles."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from bearman.lib.errors import Conflict, Invalid, NotFound
from profiles import formats, template
from profiles.models import Image, Profile
from profiles.selectors import image_before, image_of
from profiles.shell import syntax_problem

# What makes a new version of a profile when it changes.
DEPLOYED = (
    *("image_name", "held_image_id", "append", "boots_root"),
    *("install_script", "config_format", "config_body"),
)

MAX_BODY = 256 * 1024  # characters


def profile_problems(*, profile: Profile) -> dict[str, list[str]]:
    """Return what is wrong with a profile's fields, in sentences by field; empty for nothing."""
    found = {
        "append": template.check_append(profile.append),
        "install_script": syntax_problem(profile.install_script),
        "config_body": _body_problems(profile),
        "image_name": _image_problems(profile),
    }
    return {field: problems for field, problems in found.items() if problems}


def profile_save(*, profile: Profile) -> Profile:
    """Write a new or changed profile; machines that have it keep what they were deployed with.

    Raises Invalid with what is wrong, Conflict where somebody changed it since it was read (its
    `version` tells). A change of what is deployed makes a new version.
    """
    _check(profile)
    if profile._state.adding:
        return _created(profile)
    with transaction.atomic():
        before = Profile.objects.select_for_update().filter(pk=profile.pk).first()
        if before is None:
            raise NotFound(f"There is no profile {profile.name} any more.")
        if before.version != profile.version:
            raise Conflict(
                f"Somebody has changed profile {before.name} in the meantime; it is at version "
                f"{before.version} now.",
                advice="Open it again and make your change there.",
            )
        if any(getattr(before, name) != getattr(profile, name) for name in DEPLOYED):
            profile.version += 1
            profile.changed_at = timezone.now()
        profile.save()
    return profile


def profile_delete(*, profile: Profile) -> None:
    """Delete a profile; raises Conflict while a machine or a flavor has it."""
    try:
        profile.delete()
    except ProtectedError as error:
        users = ", ".join(sorted({str(row) for row in error.protected_objects})[:10])
        raise Conflict(
            f"Profile {profile.name} is in use by {users}.",
            advice="Release or redeploy those machines, or give the flavor another profile, first.",
        ) from error
    except IntegrityError as error:  # somebody deployed it in this very moment
        raise Conflict(f"Profile {profile.name} has just come into use.") from error


def profile_hold(*, profile: Profile, image: Image) -> Profile:
    """Hold a profile at one version of its image; machines that have it are not touched."""
    if image.name != profile.image_name:
        raise Invalid(f"{image} is no version of {profile.image_name}, which the profile boots.")
    profile.held_image = image
    return profile_save(profile=profile)


def profile_follow(*, profile: Profile) -> Profile:
    """Have a profile follow the current version of its image again."""
    profile.held_image = None
    return profile_save(profile=profile)


def profile_rollback(*, profile: Profile) -> Profile:
    """Hold a profile at the version before the one it would deploy now.

    Raises NotFound where there is none.
    """
    now = image_of(profile)
    earlier = image_before(now)
    if earlier is None:
        raise NotFound(f"{now} is the oldest version of {now.name}: there is none to go back to.")
    return profile_hold(profile=profile, image=earlier)


def _check(profile: Profile) -> None:
    try:
        profile.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    problems = profile_problems(profile=profile)
    if problems:
        raise Invalid(" ".join(words for found in problems.values() for words in found))


def _created(profile: Profile) -> Profile:
    try:
        with transaction.atomic():
            profile.save()
    except IntegrityError as error:
        raise Conflict(f"There is a profile {profile.name} already.") from error
    return profile


def _body_problems(profile: Profile) -> list[str]:
    if len(profile.config_body) > MAX_BODY:
        return [f"The body is over {MAX_BODY // 1024} KiB."]
    if profile.config_format == "none":
        if profile.config_body.strip():
            return ["The format `none` has no body: choose a format, or empty the body."]
        return []
    return template.check(profile.config_body, formats.variables(profile.config_format))


def _image_problems(profile: Profile) -> list[str]:
    if not profile.image_name:
        return []  # the field itself says that it must be filled in
    try:
        image = image_of(profile)
    except NotFound as error:
        return [str(error)]
    if profile.held_image is not None and profile.held_image.name != profile.image_name:
        return [f"{profile.held_image} is no version of {profile.image_name}."]
    if profile.boots_root and image.root is None:
        return [f"{image} has no squashfs: do not have the profile boot it."]
    return []
