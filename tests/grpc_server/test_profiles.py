"""ProfileService, and `bearman-cli profile` against the real server."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from django.contrib.auth.models import Permission, User

from bearman.accounts.services import token_create
from profiles.models import Profile
from profiles.services import profile_hold, profile_save
from protos.bearman.v1 import profiles_pb2 as pb
from protos.bearman.v1 import profiles_pb2_grpc
from simulator.bmc.fleet import BmcFleet
from tests.baremetal import rig
from tests.baremetal.conftest import fleet, room
from tests.grpc_server.cli import cli
from tests.servers import Door, bearer, running_door

__all__ = ["fleet", "room"]  # fixtures
Metadata = tuple[tuple[str, str | bytes], ...]


@pytest.fixture
def door(room: Profile) -> Iterator[Door]:
    """A server over a room with one profile."""
    with running_door() as running:
        yield running


@pytest.fixture
def profiles(door: Door) -> profiles_pb2_grpc.ProfileServiceStub:
    """The service."""
    return profiles_pb2_grpc.ProfileServiceStub(door.channel)


def token_with(name: str, *permissions: str) -> str:
    """The token of a user with these permissions, as APP.CODENAME."""
    user = User.objects.create_user(name)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return token_create(user=user, name="t")[1]


@pytest.fixture
def olga(room: Profile) -> Metadata:
    """An operator who may see profiles and nodes."""
    return bearer(token_with("olga", "profiles.view_profile", "nodes.view_node"))


def test_profiles_are_listed_by_name_with_the_image_they_boot_now(
    profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata, room: Profile, tmp_path: Path
) -> None:
    held = rig.profile("held", notes="For the old ones.")
    profile_hold(profile=held, image=rig.image(tmp_path, "1"))
    newest = rig.image(tmp_path, "2")
    found = profiles.ListProfiles(pb.ListProfilesRequest(), metadata=olga).profiles
    assert [(p.name, p.held, p.image.version) for p in found] == [
        ("held", True, "1"),
        ("web", False, "2"),
    ]
    assert found[1].image.size == newest.size
    assert found[1].image.built_at.ToDatetime().year >= 2024
    assert (found[0].notes, found[0].version, found[0].machines) == ("For the old ones.", 2, 0)


def test_one_is_got_whole(profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata) -> None:
    found = profiles.GetProfile(pb.GetProfileRequest(name="web"), metadata=olga)
    assert found.profile.name == "web"
    assert found.install_script == "echo hello\n"
    assert found.config_body == ""


@pytest.mark.parametrize("name", ["", "nobody", "x" * 10_000, "a\0b", "web\n"])
def test_a_profile_that_is_unknown_is_not_found(
    profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata, name: str
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        profiles.GetProfile(pb.GetProfileRequest(name=name), metadata=olga)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    with pytest.raises(grpc.RpcError) as refused:
        profiles.RenderProfile(pb.RenderProfileRequest(name=name, node="1"), metadata=olga)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_profile_is_rendered_for_a_node_and_checked(
    profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata, fleet: BmcFleet
) -> None:
    rig.profile("cloud", config_format="cloud-init", append="quiet name={{ hostname }}")
    machine = rig.ready(fleet, 1)
    request = pb.RenderProfileRequest(name="cloud", node=machine.uuid)
    found = profiles.RenderProfile(request, metadata=olga)
    assert found.append.startswith(f"quiet name=node-{machine.node.pk} fetch=")
    assert {file.name for file in found.files} >= {"meta-data", "user-data"}
    assert list(found.problems) == []


def test_a_node_that_is_unknown_is_not_found(
    profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        profiles.RenderProfile(pb.RenderProfileRequest(name="web", node="SN404"), metadata=olga)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


def test_what_cannot_be_rendered_is_invalid_in_words(
    profiles: profiles_pb2_grpc.ProfileServiceStub, olga: Metadata, room: Profile, fleet: BmcFleet
) -> None:
    machine = rig.ready(fleet, 1)
    Profile.objects.filter(pk=room.pk).update(append="{{ nonsense }}")  # by an older Bearman
    with pytest.raises(grpc.RpcError) as refused:
        profiles.RenderProfile(
            pb.RenderProfileRequest(name="web", node=machine.uuid), metadata=olga
        )
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "Profile web cannot be rendered for node" in str(refused.value.details())
    assert "nonsense" in str(refused.value.details())


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        ((), ()),
        (("nodes.view_node",), ()),
        (("profiles.view_profile",), ("list", "get")),
        (("profiles.view_profile", "nodes.view_node"), ("list", "get", "render")),
    ],
)
def test_who_may_not_see_is_refused(
    profiles: profiles_pb2_grpc.ProfileServiceStub,
    fleet: BmcFleet,
    permissions: tuple[str, ...],
    may: tuple[str, ...],
) -> None:
    machine = rig.ready(fleet, 1)
    metadata = bearer(token_with("paul", *permissions))
    calls = {
        "list": (profiles.ListProfiles, pb.ListProfilesRequest()),
        "get": (profiles.GetProfile, pb.GetProfileRequest(name="web")),
        "render": (
            profiles.RenderProfile,
            pb.RenderProfileRequest(name="web", node=machine.uuid),
        ),
    }
    for name, (call, request) in calls.items():
        if name in may:
            call(request, metadata=metadata)  # type: ignore[operator]
            continue
        with pytest.raises(grpc.RpcError) as refused:
            call(request, metadata=metadata)  # type: ignore[operator]
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_the_command_line_lists_shows_and_renders_and_refuses_what_is_wrong(
    door: Door, fleet: BmcFleet
) -> None:
    machine = rig.ready(fleet, 1)
    token = token_with("olga", "profiles.view_profile", "nodes.view_node")
    assert "web " in cli(door.port, token, "profile", "list").stdout
    assert "echo hello" in cli(door.port, token, "profile", "show", "web").stdout
    good = cli(door.port, token, "profile", "render", "web", "--node", machine.uuid)
    assert (good.returncode, "bearman.nonce=NONCE" in good.stdout) == (0, True)
    wrong = Profile(name="wrong", image_name="debian", config_format="autoinstall")
    wrong.config_body = "#cloud-config\nautoinstall:\n  version: 99\n"
    profile_save(profile=wrong)
    bad = cli(door.port, token, "profile", "render", "wrong", "--node", machine.uuid)
    assert bad.returncode == 6, bad.stderr
    assert f"wrong cannot be deployed on {machine.uuid}" in bad.stderr
