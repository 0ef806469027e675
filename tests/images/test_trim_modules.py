"""What the role `kernel` removes of modules: never what one that stays needs."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from image_builder.settings import Settings

FILES = Settings().ansible / "roles/kernel/files"


@pytest.fixture
def trim() -> ModuleType:
    """The program that runs in the image."""
    spec = importlib.util.spec_from_file_location("trim_modules", FILES / "trim-modules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The modules of a kernel, as depmod lists them."""
    needs = {
        "kernel/net/ice.ko.xz": "kernel/net/dca.ko.xz kernel/lib/core.ko.xz",
        "kernel/net/dca.ko.xz": "kernel/lib/core.ko.xz",
        "kernel/lib/core.ko.xz": "",
        "kernel/net/snd-hda.ko.xz": "",
        "kernel/crypto/crc32c-generic.ko.xz": "",
    }
    for name in needs:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    text = "".join(f"{name}: {others}\n" for name, others in needs.items())
    (tmp_path / "modules.dep").write_text(text)
    (tmp_path / "modules.softdep").write_text(
        "# soft\nsoftdep ice pre: crc32c-generic post: none\n"
    )
    return tmp_path


def test_a_module_stays_with_all_that_it_needs_also_softly(trim: ModuleType, tree: Path) -> None:
    wanted = trim.softdeps(tree, {"ice"})
    kept = {path.name for path in trim.closure(tree, wanted)}
    assert kept == {"ice.ko.xz", "dca.ko.xz", "core.ko.xz", "crc32c-generic.ko.xz"}


def test_firmware_that_a_module_names_is_found_packed_too(
    trim: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trim, "FIRMWARE", tmp_path)
    (tmp_path / "bnx2.fw.xz").touch()
    assert trim.firmware_files("bnx2.fw") == [tmp_path / "bnx2.fw.xz"]
    assert trim.firmware_files("none.fw") == []


def test_the_list_is_read_as_the_initramfs_reads_it(trim: ModuleType) -> None:
    names = trim.listed(FILES / "kernel-modules.txt")
    assert {"mlx5_core", "squashfs", "ipmi_si", "nvme"} <= names
    assert not any(" " in name or "-" in name for name in names)
