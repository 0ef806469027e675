"""bearman.v1.ImageService: versions of what machines boot, and how they are made known."""

import threading
from collections.abc import Iterable, Iterator
from typing import IO, cast

import grpc

from baremetal.selectors import machines_following
from bearman.lib.errors import Busy, Invalid, NotFound
from grpc_server import image_messages
from grpc_server.caller import operator
from grpc_server.incoming import Incoming, Watch
from profiles import selectors
from profiles.models import Image
from profiles.services import image_back, image_delete, image_promote, image_roll_back, uploads
from protos.bearman.v1 import images_pb2 as pb
from protos.bearman.v1 import images_pb2_grpc

VIEW, ADD = "profiles.view_image", "profiles.add_image"
CHANGE, DELETE = "profiles.change_image", "profiles.delete_image"
MAX_NAME = 128  # characters looked at
MAX_MACHINES = 1000


class ImageServicer(images_pb2_grpc.ImageServiceServicer):
    """Each method is documented in protos/bearman/v1/images.proto."""

    def __init__(self, uploads_at_once: int) -> None:
        self._room = threading.BoundedSemaphore(uploads_at_once)

    def ListImages(
        self, request: pb.ListImagesRequest, context: grpc.ServicerContext
    ) -> pb.ListImagesResponse:
        """See profiles.selectors.images_listed."""
        operator(context, VIEW)
        rows = selectors.images_listed().order_by("name", "-pk")
        if request.name:
            rows = rows.filter(name=_bounded(request.name))
        boots = selectors.profiles_by_image()
        return pb.ListImagesResponse(
            images=[image_messages.image(row, profiles=boots.of(row)) for row in rows]
        )

    def GetImage(
        self, request: pb.GetImageRequest, context: grpc.ServicerContext
    ) -> pb.GetImageResponse:
        """See profiles.selectors.image_find."""
        operator(context, VIEW)
        row = selectors.image_find(name=_bounded(request.name), version=_bounded(request.version))
        return pb.GetImageResponse(
            image=_whole(row, with_urls=True), manifest=selectors.manifest_of(row)
        )

    def DiffImages(
        self, request: pb.DiffImagesRequest, context: grpc.ServicerContext
    ) -> pb.DiffImagesResponse:
        """See profiles.selectors.package_changes."""
        operator(context, VIEW)
        before = selectors.image_labelled(label=_bounded(request.before))
        after = selectors.image_labelled(label=_bounded(request.after))
        found = selectors.package_changes(before=before, after=after)
        return image_messages.changes(before, after, found)

    def BeginImage(
        self, request: pb.BeginImageRequest, context: grpc.ServicerContext
    ) -> pb.BeginImageResponse:
        """See profiles.services.uploads.image_begin."""
        by = operator(context, ADD).get_username()
        begun = uploads.image_begin(manifest=request.manifest, signature=request.signature, by=by)
        if begun.upload is None:
            return pb.BeginImageResponse()
        return pb.BeginImageResponse(
            upload=begun.upload.key,
            targets=[pb.UploadTarget(kind=one.kind, url=one.url) for one in begun.targets],
            expires_at=image_messages.stamp(begun.upload.expires_at),
        )

    def UploadImageFile(
        self,
        request_iterator: Iterator[pb.UploadImageFileRequest],
        context: grpc.ServicerContext,
    ) -> pb.UploadImageFileResponse:
        """See profiles.services.uploads.image_upload."""
        by = operator(context, ADD).get_username()
        if not self._room.acquire(blocking=False):
            raise Busy("Too many files are being uploaded now.", advice="Try again soon.")
        watch = Watch(context)
        try:
            return _received(request_iterator, watch, by)
        finally:
            watch.end()
            self._room.release()

    def CompleteImage(
        self, request: pb.CompleteImageRequest, context: grpc.ServicerContext
    ) -> pb.CompleteImageResponse:
        """See profiles.services.uploads.image_complete."""
        user = operator(context, ADD)
        if request.promote:
            operator(context, CHANGE)
        image = uploads.image_complete(
            key=request.upload, promote=request.promote, by=user.get_username()
        )
        return pb.CompleteImageResponse(image=_whole(image))

    def AbortImage(
        self, request: pb.AbortImageRequest, context: grpc.ServicerContext
    ) -> pb.AbortImageResponse:
        """See profiles.services.uploads.image_abort; one that has ended is no error."""
        by = operator(context, ADD).get_username()
        try:
            upload = uploads.upload_find(key=request.upload, by=by)
        except NotFound:
            return pb.AbortImageResponse()
        uploads.image_abort(upload=upload)
        return pb.AbortImageResponse()

    def PromoteImage(
        self, request: pb.PromoteImageRequest, context: grpc.ServicerContext
    ) -> pb.PromoteImageResponse:
        """See profiles.services.image_promote."""
        by = operator(context, CHANGE).get_username()
        if not request.version:
            raise Invalid("`version` is empty.", advice="Say which version is to be current.")
        image = selectors.image_find(name=_bounded(request.name), version=_bounded(request.version))
        if request.dry_run:
            return _would(image)
        promoted = image_promote(image=image, by=by)
        return _concerned(promoted.image, promoted.before)

    def RollBackImage(
        self, request: pb.RollBackImageRequest, context: grpc.ServicerContext
    ) -> pb.RollBackImageResponse:
        """See profiles.services.image_roll_back."""
        by = operator(context, CHANGE).get_username()
        name = _bounded(request.name)
        if request.dry_run:
            return pb.RollBackImageResponse(promoted=_would(image_back(name=name)))
        found = image_roll_back(name=name, by=by, to=_bounded(request.to))
        return pb.RollBackImageResponse(promoted=_concerned(found.image, found.before))

    def DeleteImage(
        self, request: pb.DeleteImageRequest, context: grpc.ServicerContext
    ) -> pb.DeleteImageResponse:
        """See profiles.services.image_delete."""
        operator(context, DELETE)
        if not request.version:
            raise Invalid("`version` is empty.", advice="Say which version is to be deleted.")
        image_delete(
            image=selectors.image_find(
                name=_bounded(request.name), version=_bounded(request.version)
            )
        )
        return pb.DeleteImageResponse()


def _bounded(text: str) -> str:
    if len(text) > MAX_NAME:
        raise Invalid(f"A name or version has at most {MAX_NAME} characters.")
    return text


def _received(
    messages: Iterator[pb.UploadImageFileRequest], watch: Watch, by: str
) -> pb.UploadImageFileResponse:
    try:
        first = next(messages, None)
    except grpc.RpcError as error:
        raise watch.gone() from error
    if first is None or not first.upload:
        raise Invalid("The first message must name the upload and the file.")
    upload, size = uploads.upload_size(key=first.upload, kind=first.kind, by=by)
    file = Incoming(watch.pieces(_bytes(first, messages)), size)
    uploads.image_upload(upload=upload, kind=first.kind, file=cast("IO[bytes]", file))
    return pb.UploadImageFileResponse(size=file.received)


def _bytes(
    first: pb.UploadImageFileRequest, more: Iterable[pb.UploadImageFileRequest]
) -> Iterator[bytes]:
    yield first.data
    for message in more:
        yield message.data


def _whole(image: Image, *, with_urls: bool = False) -> pb.Image:
    row = selectors.images_listed().get(pk=image.pk)
    profiles = selectors.profiles_by_image().of(row)
    return image_messages.image(row, profiles=profiles, with_urls=with_urls)


def _would(image: Image) -> pb.PromoteImageResponse:
    """Say whom it would concern if the version became current."""
    return _concerned(image, Image.current_of(image.name))


def _concerned(image: Image, before: Image | None) -> pb.PromoteImageResponse:
    machines = machines_following(image_name=image.name)[:MAX_MACHINES]
    return pb.PromoteImageResponse(
        image=_whole(image),
        before=str(before) if before else "",
        profiles=selectors.profiles_by_image().following(image.name),
        machines=map(image_messages.concerned, machines),
    )
