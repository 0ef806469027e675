"""The tar out of LXD, made normal: its bytes depend on nothing but its content."""

import io
import random
import tarfile
from collections.abc import Iterable

from image_builder import normal_tar

EPOCH = 1_700_000_000  # seconds since 1970
CAPABILITY = {"SCHILY.xattr.security.capability": "\x01\x00\x00\x02 \x00"}


def entry(name: str, **changes: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    for key, value in {"mtime": EPOCH - 5, "uname": "root", **changes}.items():
        setattr(found, key, value)
    return found


def folder(name: str) -> tarfile.TarInfo:
    return entry(name, type=tarfile.DIRTYPE, mode=0o755)


def export(*, late: int, links: tuple[str, str], order: int) -> bytes:
    """A container's export, in any order; one of `links` has the content, the other is a link."""
    head = [folder("rootfs"), folder("rootfs/etc"), folder("rootfs/etc.d"), folder("rootfs/boot")]
    rest: list[tuple[tarfile.TarInfo, bytes]] = [
        (entry("rootfs/etc/able", mode=0o4755, pax_headers=CAPABILITY), b"can"),
        (entry("rootfs/etc/new", mtime=EPOCH + late), b"new"),
        (entry("rootfs/etc/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
        (entry("rootfs/etc.d/x", uid=100, gid=101), b"x"),
        (entry("rootfs/boot/initrd.img-1"), b"large"),
        (entry("rootfs/boot/vmlinuz-1"), b"kernel"),
        (entry("metadata.yaml"), b"of LXD"),
    ]
    random.Random(order).shuffle(rest)
    content, link = links
    rest.append((entry(f"rootfs/etc/{content}"), b"same"))
    named = f"rootfs/etc/{content}"
    rest.append((entry(f"rootfs/etc/{link}", type=tarfile.LNKTYPE, linkname=named), b""))
    return packed([*((each, b"") for each in head), *rest])


def packed(entries: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for each, data in entries:
            each.size = len(data)
            tar.addfile(each, io.BytesIO(data))
    return buffer.getvalue()


def normal(export: bytes, *exclude: str) -> bytes:
    target = io.BytesIO()
    normal_tar.write(io.BytesIO(export), target, epoch=EPOCH, exclude=exclude)
    return target.getvalue()


def read(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {each.name: each for each in tar.getmembers()}


def test_order_late_times_and_which_name_is_the_link_make_no_difference() -> None:
    one = normal(export(late=1, links=("a", "b"), order=1))
    other = normal(export(late=900, links=("b", "a"), order=2))
    assert one == other


def test_what_is_in_an_image_stays() -> None:
    found = read(normal(export(late=1, links=("a", "b"), order=1)))
    assert list(found)[:4] == [".", "./boot", "./boot/initrd.img-1", "./boot/vmlinuz-1"]
    assert "./metadata.yaml" not in found
    able, new, null = found["./etc/able"], found["./etc/new"], found["./etc/null"]
    assert (able.mode, able.mtime, able.pax_headers) == (0o4755, EPOCH - 5, CAPABILITY)
    assert (new.mtime, new.uname) == (EPOCH, "")
    assert (null.ischr(), null.devmajor, null.devminor) == (True, 1, 3)
    assert (found["./etc.d/x"].uid, found["./etc.d/x"].gid) == (100, 101)
    assert (found["./etc/b"].islnk(), found["./etc/b"].linkname) == (True, "./etc/a")


def test_what_is_excluded_goes_and_takes_no_content_of_others_along() -> None:
    data = normal(export(late=1, links=("a", "b"), order=1), "boot/*", "etc/a")
    found = read(data)
    assert {name for name in found if name.startswith("./boot")} == {"./boot"}
    assert "./etc/a" not in found
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        content = tar.extractfile("./etc/b")
        assert content is not None
        assert content.read() == b"same"
