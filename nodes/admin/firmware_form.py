"""The form of a firmware baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from nodes.firmware import COMPARATORS, ComponentKind
from nodes.models import FirmwareBaseline
from nodes.services.firmware_baselines import READ_BY_DEFAULT, baseline_problems

FIELDS = (
    *("name", "component", "vendor_pattern", "product_pattern", "model_pattern"),
    *("comparator", "wanted", "match", "tool", "read_with", "reboot", "timeout_seconds"),
    *("position", "mode", "notes"),
)
FORMS = [(name, f"{form.title}, such as {form.examples[0]}") for name, form in COMPARATORS.items()]

if TYPE_CHECKING:
    AnyForm = forms.ModelForm[FirmwareBaseline]
else:
    AnyForm = forms.ModelForm


class FirmwareForm(AnyForm):
    """A baseline; what is wrong with it stands at the field.

    The arguments are written one on a line. Without a reader, the usual one of the component is
    taken.
    """

    words = forms.CharField(
        required=False,
        label="Arguments",
        strip=True,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "bm-input"}),
        help_text="For the tool, one on a line. For the tool `command` the first is the program; "
        "`@file@` and `@target@` stand for the file and the component.",
    )

    class Meta:
        model = FirmwareBaseline
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "read_with" in self.fields:
            self.fields["read_with"].required = False
            self.fields["read_with"].help_text = "Empty: what stage one has for the component."
        if "wanted" in self.fields:
            self.fields["wanted"].help_text = "Written in the form that is chosen above."
        if "comparator" in self.fields:
            self.fields["comparator"].choices = FORMS  # type: ignore[attr-defined]
        if "words" in self.fields and isinstance(self.instance.arguments, list):
            self.fields["words"].initial = "\n".join(map(str, self.instance.arguments))

    def clean(self) -> dict[str, Any]:
        """Check it as the service does."""
        values = super().clean() or self.cleaned_data
        component = values.get("component")
        if component and not values.get("read_with"):
            values["read_with"] = READ_BY_DEFAULT[ComponentKind(component)]
        return values

    def _post_clean(self) -> None:
        self.instance.arguments = self.cleaned_data.get("words", "").split("\n")
        self.instance.arguments = [word.strip() for word in self.instance.arguments if word.strip()]
        super()._post_clean()  # type: ignore[misc]
        for name, words in baseline_problems(baseline=self.instance).items():
            place = "words" if name == "arguments" else name
            if place in self.fields and place not in self.errors:
                self.add_error(place, words)
