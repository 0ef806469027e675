"""The addresses that machines ask."""

from django.urls import path, re_path

from baremetal import views

# Whatever firmware makes of the address, it gets a script: also for nothing, or a line break.
_ANYTHING = r"(?:/(?P<uuid>(?s:.*)))?"
# Conventional addresses of configurations. Whoever cannot send a header has its token in the path.
_FILE = r"(?P<config_format>preseed|kickstart|autoinstall|cloud-init)/(?P<uuid>[^/]+)"
_TOKEN = r"(?:/(?P<token>bmb_[A-Za-z0-9_-]+))?"  # noqa: S105, no secret but the form of one

urlpatterns = [
    re_path(rf"^ipxe{_ANYTHING}$", views.ipxe_view, name="ipxe"),
    re_path(rf"^autorun{_ANYTHING}$", views.autorun_view, name="autorun"),
    re_path(rf"^seed/(?P<uuid>[^/]+){_TOKEN}$", views.seed_view, name="seed"),
    re_path(rf"^{_FILE}{_TOKEN}(?:/(?P<name>[a-z.-]*))?$", views.config_view, name="config"),
    re_path(rf"^profile{_ANYTHING}$", views.profile_view, name="profile"),
    re_path(rf"^detail{_ANYTHING}$", views.detail_view, name="detail"),
    re_path(rf"^installed{_ANYTHING}$", views.installed_view, name="installed"),
    re_path(rf"^report{_ANYTHING}$", views.report_view, name="report"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
