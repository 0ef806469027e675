"""bearman.v1.ProfileService: what operators can put on machines."""

import grpc

from baremetal.examples import example_facts
from bearman.accounts.services import user_require
from bearman.lib.errors import Invalid, NotFound
from grpc_server import profile_messages
from grpc_server.caller import operator
from nodes.selectors import MAX_QUERY, node_find
from profiles.models import Image, Profile
from profiles.selectors import image_of, images_current, profile_find, profiles_list
from profiles.services.preview import profile_preview
from protos.bearman.v1 import profiles_pb2 as pb
from protos.bearman.v1 import profiles_pb2_grpc

VIEW = "profiles.view_profile"
VIEW_NODE = "nodes.view_node"
RENDERED = ("append", "config_body")  # without these there is nothing to show


class ProfileServicer(profiles_pb2_grpc.ProfileServiceServicer):
    """Each method is documented in protos/bearman/v1/profiles.proto."""

    def ListProfiles(
        self, request: pb.ListProfilesRequest, context: grpc.ServicerContext
    ) -> pb.ListProfilesResponse:
        """List all by name, each with the image that a deployment would use now."""
        operator(context, VIEW)
        current = images_current()
        return pb.ListProfilesResponse(
            profiles=[
                profile_messages.profile(row, row.held_image or current.get(row.image_name))
                for row in profiles_list()
            ]
        )

    def GetProfile(
        self, request: pb.GetProfileRequest, context: grpc.ServicerContext
    ) -> pb.GetProfileResponse:
        """Get one by name, whole."""
        operator(context, VIEW)
        row = profile_find(name=request.name[:MAX_QUERY])
        return pb.GetProfileResponse(
            profile=profile_messages.profile(row, _image_of(row)),
            install_script=row.install_script,
            config_body=row.config_body,
        )

    def RenderProfile(
        self, request: pb.RenderProfileRequest, context: grpc.ServicerContext
    ) -> pb.RenderProfileResponse:
        """Render one for a node, of which it tells: who asks must be allowed to see nodes too."""
        user_require(user=operator(context, VIEW), permission=VIEW_NODE)
        row = profile_find(name=request.name[:MAX_QUERY])
        node = node_find(name=request.node[:MAX_QUERY])
        found = example_facts(node.pk)
        if found is None:
            raise NotFound(f"There is no node {node.pk} any more.")
        preview = profile_preview(profile=row, facts=found[1])
        wrong = [words for name in RENDERED for words in preview.problems.get(name, ())]
        if wrong:
            raise Invalid(
                f"Profile {row.name} cannot be rendered for node {node.pk}: {' '.join(wrong)}",
                advice="Mend the profile in the Admin.",
            )
        return profile_messages.rendered(preview)


def _image_of(row: Profile) -> Image | None:
    try:
        return image_of(row)
    except NotFound:
        return None
