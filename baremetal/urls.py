"""The addresses that machines ask."""

from django.urls import path, re_path

from baremetal import views

# Whatever firmware makes of the address, it gets a script: also for nothing, or a line break.
_ANYTHING = r"(?:/(?P<uuid>(?s:.*)))?"

urlpatterns = [
    re_path(rf"^ipxe{_ANYTHING}$", views.ipxe_view, name="ipxe"),
    re_path(rf"^autorun{_ANYTHING}$", views.autorun_view, name="autorun"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
