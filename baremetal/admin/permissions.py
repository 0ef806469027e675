"""Who may do what with deployments: the same as over gRPC."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

VIEW = "baremetal.view_baremetal"
ADD = "baremetal.add_baremetal"  # deploy
CHANGE = "baremetal.change_baremetal"  # release, cancel, redeploy


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise PermissionDenied where the operator lacks one of them."""
    if not all(request.user.has_perm(permission) for permission in permissions):
        raise PermissionDenied
