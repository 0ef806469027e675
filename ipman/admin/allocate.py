"""The page that gives somebody an address."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from bearman.admin import BearmanAdmin, log_added
from bearman.lib.errors import BearmanError
from ipman.models import Address, Pool
from ipman.services import AllocatedAddress, address_allocate, address_reserve
from ipman.texts import KEY_LENGTH, OWNER_LENGTH

_INPUT = {"class": "bm-input"}


class AllocateForm(forms.Form):
    """Who gets an address, and from where."""

    owner = forms.CharField(
        max_length=OWNER_LENGTH,
        widget=forms.TextInput(_INPUT),
        help_text="Whose it will be, such as switch:r12.",
    )
    key = forms.CharField(
        max_length=KEY_LENGTH,
        required=False,
        widget=forms.TextInput(_INPUT),
        help_text="Which of the owner's addresses it is; empty for the pool's purpose.",
    )
    pool = forms.ModelChoiceField(
        Pool.objects.filter(enabled=True),
        required=False,
        widget=forms.Select(_INPUT),
        help_text="The next free address of this pool …",
    )
    address = forms.GenericIPAddressField(
        required=False,
        widget=forms.TextInput(_INPUT),
        help_text="… or this very address.",
    )

    def clean(self) -> dict[str, object]:
        """Refuse both a pool and an address, and neither of them."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("pool")) == bool(cleaned.get("address")) and not self.errors:
            raise forms.ValidationError("Choose a pool, or write an address.")
        return cleaned


def allocate_page(page: BearmanAdmin[Address], request: HttpRequest) -> HttpResponse:
    """Show the form (GET), or give the address (POST) and lead to its page."""
    if not page.has_add_permission(request):
        raise PermissionDenied
    form = AllocateForm(request.POST or None)
    if form.is_valid():
        try:
            given = _allocate(form, request.user.get_username())
        except BearmanError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, given)
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "media": page.media,
        "title": "Allocate an address",
        "form": form,
    }
    return TemplateResponse(request, "ipman/admin/allocate.html", context)


def _allocate(form: AllocateForm, actor: str) -> AllocatedAddress:
    owner, key = form.cleaned_data["owner"], form.cleaned_data["key"]
    if address := form.cleaned_data["address"]:
        return address_reserve(address=address, owner=owner, key=key, actor=actor)
    pool: Pool = form.cleaned_data["pool"]
    return address_allocate(
        zone=pool.zone, purpose=pool.purpose, owner=owner, key=key, pool=pool.name, actor=actor
    )


def _done(request: HttpRequest, given: AllocatedAddress) -> HttpResponse:
    if given.created:
        row = Address.objects.get(pk=given.address)
        log_added(request, row, f"Gave it to {given.owner} ({given.key}).")
        messages.success(request, f"{given.address} of pool {given.pool} is {given.owner}'s now.")
    else:
        messages.info(request, f"{given.address} was {given.owner}'s already.")
    return HttpResponseRedirect(reverse("admin:ipman_address_change", args=[given.address]))
