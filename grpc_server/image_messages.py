"""Images as protobuf messages."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from baremetal.models import Baremetal
from bearman import storage
from profiles.models import Image
from profiles.sbom import Change
from protos.bearman.v1 import images_pb2 as pb


def image(row: Image, *, profiles: Iterable[str] = (), with_urls: bool = False) -> pb.Image:
    """Return a version; takes `machines` as counted, and the profiles that would deploy it now."""
    return pb.Image(
        name=row.name,
        version=row.version,
        current=row.current,
        files=[
            pb.ImageFile(
                kind=kind,
                name=artefact.name,
                size=artefact.size,
                sha256=artefact.sha256,
                url=storage.url(artefact.path) if with_urls else "",
            )
            for kind, artefact in row.artefacts.items()
        ],
        built_from=row.built_from,
        built_at=stamp(row.built_at),
        added_at=stamp(row.added_at),
        signed_by=row.signed_by,
        packages=row.package_count,
        profiles=profiles,
        machines=getattr(row, "machines", 0),
    )


def changes(before: Image, after: Image, found: Iterable[Change]) -> pb.DiffImagesResponse:
    """Return the packages that are not the same."""
    return pb.DiffImagesResponse(
        before=str(before),
        after=str(after),
        packages=[
            pb.PackageChange(name=change.name, before=change.before, after=change.after)
            for change in found
        ],
        growth=after.size - before.size,
    )


def concerned(row: Baremetal) -> pb.ConcernedMachine:
    """Return a machine that a change of version concerns."""
    return pb.ConcernedMachine(hostname=row.hostname, state=row.state, boots=row.image_label)


def stamp(moment: datetime) -> Timestamp:
    """Return a time as the protocol has it."""
    found = Timestamp()
    found.FromDatetime(moment)
    return found
