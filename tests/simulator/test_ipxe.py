"""The small iPXE interpreter, also against every script that Bearman's own renderer makes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import ipxe as renderer
from simulator.ipxe import (
    BootKernel,
    Chain,
    Ending,
    Interpreter,
    LocalDisk,
    NextDevice,
    Reboot,
    ScriptError,
)

VARIABLES = {"uuid": "4c4c4544-0042-3510-8052-b4c04f4b4c31", "net0/mac": "02:00:00:00:00:01"}


def run(script: str, slept: list[float] | None = None) -> Ending:
    naps: list[float] = [] if slept is None else slept
    return Interpreter(script, VARIABLES, naps.append).run()


def test_stage_one_boots_with_its_arguments() -> None:
    script = renderer.stage_one(
        kernel_url="http://b/files/vmlinuz",
        initramfs_url="http://b/files/initrd.img",
        append="boot=live",
        arguments={"bearman.uuid": "u", "bearman.token": "t0ken"},
        title="node 7",
    )
    ending = run(script)
    assert isinstance(ending, BootKernel)
    assert "bearman.uuid=u bearman.token=t0ken" in ending.arguments
    assert "||" not in ending.arguments


def test_a_system_boots_with_its_initramfs_and_its_seed() -> None:
    script = renderer.system(
        kernel_url="http://b/k",
        initramfs_url="http://b/i",
        seed_url="http://b/seed/u/t",
        append="quiet",
        title="web-1",
    )
    assert run(script) == BootKernel(
        "initrd=seed.img initrd=initrd.img quiet", "http://b/k", ("http://b/seed/u/t", "http://b/i")
    )


@pytest.mark.parametrize(
    ("platform", "ending"),
    [("pcbios", LocalDisk()), ("efi", NextDevice("Bearman: it boots its own disk"))],
)
def test_a_local_disk_is_started_as_the_platform_can(platform: str, ending: Ending) -> None:
    script = renderer.local_disk(title="it boots its own disk")
    assert Interpreter(script, {"platform": platform}, lambda _: None).run() == ending


@pytest.mark.parametrize(
    ("line", "ending"),
    [
        ("iseq a a && reboot", Reboot()),
        ("iseq a b && reboot ||", NextDevice("end")),
        ("iseq a b || reboot", Reboot()),
        ("iseq a b && echo no || reboot", Reboot()),
        ("iseq a b\nreboot", NextDevice("end")),
        ("iseq ${none} a || reboot", Reboot()),
    ],
)
def test_a_comparison_decides_what_follows(line: str, ending: Ending) -> None:
    assert run(f"#!ipxe\necho end\n{line}") == ending


def test_imgfree_forgets_what_was_loaded() -> None:
    with pytest.raises(ScriptError, match="without a kernel"):
        run("#!ipxe\nkernel http://b/k\ninitrd http://b/i\nimgfree\nboot")


def test_a_script_that_says_again_sleeps_and_chains() -> None:
    slept: list[float] = []
    ending = run(renderer.again(url="http://b/ipxe/u", reason="away"), slept)
    assert ending == Chain("http://b/ipxe/u")
    assert slept == [renderer.RETRY_SECONDS]


@given(reason=st.text(max_size=400))
def test_no_reason_makes_a_script_do_more_than_hand_on(reason: str) -> None:
    assert isinstance(run(renderer.nothing(reason=reason)), NextDevice)


def test_variables_are_expanded() -> None:
    script = "#!ipxe\nset base http://b\nchain ${base}/ipxe/${uuid}?mac=${net0/mac}&x=${none}"
    address = f"http://b/ipxe/{VARIABLES['uuid']}?mac=02:00:00:00:00:01&x="
    assert run(script) == Chain(address)


def test_goto_jumps_to_its_label_and_comments_are_passed_over() -> None:
    assert run("#!ipxe\ngoto end\nreboot\n# reboot\n:end\nexit") == NextDevice(
        "the script ended without a word"
    )


def test_what_follows_two_bars_runs_only_after_a_failure_and_nothing_fails_here() -> None:
    assert run("#!ipxe\necho a || reboot\necho b && reboot") == Reboot()


def test_the_end_of_a_script_is_the_next_boot_device() -> None:
    assert run("#!ipxe\necho nothing for you\n") == NextDevice("nothing for you")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("", "does not begin"),
        ("<html>no</html>", "does not begin"),
        ("#!ipxe\nfrobnicate", "command not found"),
        ("#!ipxe\nboot", "without a kernel"),
        ("#!ipxe\ngoto nowhere", "no label"),
        ("#!ipxe\n:a\ngoto a", "has not ended"),
        ("#!ipxe\nsleep soon", "not a number"),
        ("#!ipxe\nkernel --name x", "no URL"),
    ],
)
def test_a_broken_script_stops_with_the_reason(script: str, words: str) -> None:
    with pytest.raises(ScriptError, match=words):
        run(script)


@given(st.text(max_size=300))
def test_any_text_ends_in_an_ending_or_a_script_error(text: str) -> None:
    with suppress(ScriptError):
        run(f"#!ipxe\n{text}")
