"""The form of a profile, and a profile out of what was typed so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from profiles.models import ConfigFormat, Image, Profile
from profiles.services import profile_problems
from profiles.services.preview import MAX_TEXT

STOCK_SCRIPT = settings.BASE_DIR / "boot_scripts" / "install" / "network.sh"
# What rendering looks at.
RENDERED = (
    *("image_name", "held_image", "append", "boots_root"),
    *("install_script", "config_format", "config_body"),
)

if TYPE_CHECKING:
    AnyProfileForm = forms.ModelForm[Profile]
else:
    AnyProfileForm = forms.ModelForm


class Lines(forms.CharField):
    """Text of several lines as it was typed, with a newline at the end of each line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "strip": False, "max_length": MAX_TEXT})

    def to_python(self, value: Any) -> str:
        """Return the text without the carriage returns that browsers send."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class ProfileForm(AnyProfileForm):
    """A profile; what is wrong with it stands at the field.

    `read_version` is the version that the operator looked at when the change was made.
    """

    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    class Meta:
        model = Profile
        fields = ("name", *RENDERED, "notes")
        field_classes = {"install_script": Lines, "config_body": Lines, "notes": Lines}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["read_version"].required = not self.instance._state.adding
        self.fields["read_version"].initial = self.instance.version
        if "config_format" in self.fields:  # the names of the formats are what people know
            choices = [(kind, kind) for kind in ConfigFormat.values]
            self.fields["config_format"].choices = choices  # type: ignore[attr-defined]
        if "image_name" in self.fields:
            select = forms.Select(choices=self._images(), attrs={"class": "bm-input"})
            self.fields["image_name"].widget = select

    def clean(self) -> dict[str, Any]:
        """Check what is rendered."""
        values = super().clean() or self.cleaned_data
        known = {name: values[name] for name in RENDERED if name in values}
        for name, words in profile_problems(profile=Profile(**known)).items():
            if name not in self.errors:
                self.add_error(name, words)
        return values

    def _images(self) -> list[tuple[str, str]]:
        """Return the names of images to choose from, with that of this profile."""
        known = set(Image.objects.order_by().values_list("name", flat=True).distinct())
        names = sorted(known | {self.instance.image_name} - {""})
        return [("", "Choose an image"), *((name, name) for name in names)]


def drafted(posted: Mapping[str, Any]) -> Profile:
    """Return a profile, not to be saved, from what stands in the form now, right or wrong."""
    kind = str(posted.get("config_format", ""))
    held = str(posted.get("held_image", ""))
    return Profile(
        image_name=str(posted.get("image_name", ""))[:50].replace("\0", ""),
        held_image=Image.objects.filter(pk=int(held)).first() if _is_number(held) else None,
        append=str(posted.get("append", "")),
        boots_root="boots_root" in posted,
        install_script=str(posted.get("install_script", "")),
        config_format=kind if kind in ConfigFormat.values else ConfigFormat.NONE,
        config_body=str(posted.get("config_body", "")),
    )


def number(text: str | None) -> int | None:
    """Return a row's number from an address or a form; None for anything else."""
    return int(text) if text and _is_number(text) else None


def stock_script() -> str:
    """Return the install script that new profiles start with; empty where it is not there."""
    try:
        return STOCK_SCRIPT.read_text()
    except OSError:
        return ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
