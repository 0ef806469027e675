"""What an operator types into the dialog of a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from baremetal import overview
from baremetal.hostnames import USUAL
from profiles.models import Profile

if TYPE_CHECKING:
    ProfileChoice = forms.ModelChoiceField[Profile]
else:
    ProfileChoice = forms.ModelChoiceField

_INPUT = {"class": "bm-input"}


class ProfileField(ProfileChoice):
    """A choice of profiles that says what each of them boots now."""

    def label_from_instance(self, obj: Profile) -> str:
        """Return the profile with its version and image."""
        held = f"held at {obj.held_image}" if obj.held_image else obj.image_name
        return f"{obj.name} (version {obj.version}, image {held})"


class DeployForm(forms.Form):
    """Profile, host name or pattern, first number, SSH keys; services check them."""

    profile = ProfileField(
        queryset=Profile.objects.none(),
        required=False,
        empty_label="The default of the node's flavor",
        widget=forms.Select(attrs=_INPUT),
        error_messages={"invalid_choice": "That profile is gone: choose another one."},
    )
    hostname = forms.CharField(max_length=80, widget=forms.TextInput(attrs=_INPUT))
    first = forms.IntegerField(
        min_value=0,
        max_value=999_999,
        initial=1,
        required=False,
        widget=forms.NumberInput(attrs=_INPUT),
    )
    ssh_keys = forms.CharField(
        max_length=250_000,
        required=False,
        widget=forms.Textarea(attrs={**_INPUT, "rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles: Any = self.fields["profile"]
        profiles.queryset = overview.profiles_by_name()

    @property
    def pattern(self) -> str:
        """Return the host name or pattern, good or not."""
        return str(self["hostname"].value() or USUAL)

    @property
    def first_number(self) -> int:
        """Return the number to count from."""
        if self.is_bound and self.is_valid():
            first = self.cleaned_data["first"]
            return 1 if first is None else int(first)
        return 1

    @property
    def keys(self) -> list[str]:
        """Return the SSH keys, one a line."""
        return [line.strip() for line in self.cleaned_data["ssh_keys"].splitlines() if line.strip()]
