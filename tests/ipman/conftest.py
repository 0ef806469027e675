"""What IPman's tests share: pools, and connections beside Django's pool of them."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from django.contrib.auth.models import Permission, User

from bearman.accounts.services import token_create
from ipman.models import Pool
from ipman.services import pool_save
from tests.servers import running_door

MakePool = Callable[..., Pool]

DEFAULTS: dict[str, Any] = {
    "name": "a",
    "zone": "z1",
    "purpose": "ipmi",
    "first": "10.0.0.1",
    "last": "10.0.0.254",
    "prefix_length": 24,
    "rest_seconds": 3600,
}


@pytest.fixture
def make_pool() -> MakePool:
    """Makes a pool through the service; what is not said is as in DEFAULTS."""

    def make(**values: Any) -> Pool:
        pool = Pool(**{**DEFAULTS, **values})
        pool_save(pool=pool)
        return pool

    return make


@pytest.fixture
def make_token(django_user_model: type[User]) -> Callable[..., str]:
    """Makes an operator's token with permissions, named as `ipman.view_pool`."""

    def make(*permissions: str, username: str = "ops") -> str:
        user = django_user_model.objects.create_user(username)
        codenames = [name.removeprefix("ipman.") for name in permissions]
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="ipman", codename__in=codenames)
        )
        return token_create(user=user, name="test")[1]

    return make


@pytest.fixture
def grpc_target(transactional_db: None) -> Iterator[str]:
    """Where a real gRPC server with all of Bearman's services listens."""
    with running_door() as door:
        yield f"127.0.0.1:{door.port}"


@pytest.fixture
def channel(grpc_target: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(grpc_target) as channel:
        yield channel
