"""Profiles as protobuf messages."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from profiles.models import Image, Profile
from profiles.services.preview import Preview
from protos.bearman.v1 import profiles_pb2 as pb


def profile(row: Profile, image: Image | None) -> pb.Profile:
    """Return the row of a list; takes `machines` as counted, and the image that it boots now."""
    return pb.Profile(
        name=row.name,
        version=row.version,
        config_format=row.config_format,
        image=None if image is None else _image(image),
        held=row.held_image_id is not None,
        append=row.append,
        boots_root=row.boots_root,
        notes=row.notes,
        machines=getattr(row, "machines", 0),
    )


def rendered(preview: Preview) -> pb.RenderProfileResponse:
    """Return what a profile renders to, with what is wrong in its fields and in its files."""
    of_fields = [
        f"{name.replace('_', ' ')}: {words}"
        for name, problems in preview.problems.items()
        for words in problems
    ]
    return pb.RenderProfileResponse(
        append=preview.command_line,
        files=[pb.RenderedFile(name=name, text=text) for name, text in preview.files.items()],
        problems=[*of_fields, *preview.refused],
        checker=preview.checker,
    )


def _image(image: Image) -> pb.ImageVersion:
    return pb.ImageVersion(
        name=image.name, version=image.version, size=image.size, built_at=_time(image.built_at)
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
