"""The iPXE script of a deployed system."""

from hypothesis import given
from hypothesis import strategies as st

from profiles import cpio, ipxe

IMAGE, SEED = "http://boot.example/initrd.img", "http://boot.example/seed"


@given(st.binary(max_size=16), st.binary(max_size=600))
def test_each_piece_begins_where_a_kernel_that_uefi_starts_looks_for_an_archive(
    image: bytes, content: bytes
) -> None:
    """The kernel's EFI stub puts them one right behind the other, in the order of `initrd=`."""
    script = ipxe.system(
        kernel_url="http://boot.example/vmlinuz",
        initramfs_url=IMAGE,
        seed_url=SEED,
        append="boot=live",
        title="db-1",
    )
    lines = [line.split() for line in script.splitlines()]
    kernel = next(words for words in lines if words[0] == "kernel")
    named = [word.removeprefix("initrd=") for word in kernel if word.startswith("initrd=")]
    urls = {words[2]: words[3] for words in lines if words[0] == "initrd"}
    assert list(urls) == named  # with BIOS the order of the commands is what counts
    sizes = {IMAGE: len(image), SEED: len(cpio.newc([("bearman/seed", 0o600, content)]))}
    position = 0
    for name in named:
        assert position % 4 == 0
        position += sizes[urls[name]]
