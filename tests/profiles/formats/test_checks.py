"""The formats' own checkers, run for real, and what is looked at without them."""

from dataclasses import replace
from pathlib import Path

import pytest

from profiles import checks, formats
from profiles.checks import Checked, program
from profiles.facts import Address, example

BROKEN = {
    "preseed": ("d-i a/b strin x\nd-i foo\n", "debconf-set-selections", ["strin", "d-i foo"]),
    "kickstart": ("lang en\nnonsense x\n", "ksvalidator", ["Unknown command: nonsense"]),
    "autoinstall": (
        "autoinstall: {version: 1, identity: {username: ada}}\nruncmd: 3",
        "jsonschema, cloud-init",
        ["autoinstall.identity: 'hostname' is a required", "runcmd: 3 is not of type 'array'"],
    ),
    "cloud-init": ("runcmd: 3", "cloud-init", ["runcmd: 3 is not of type 'array'"]),
}
needs_cloud_init = pytest.mark.skipif(
    not program.installed("cloud-init"), reason="needs the Debian package cloud-init"
)
CHECKED = [
    pytest.param(name, marks=needs_cloud_init if "cloud-init" in checker else ())
    for name, (_, checker, _) in BROKEN.items()
]


def check(config_format: str, body: str) -> Checked:
    return checks.check(config_format, formats.render(config_format, body, example()))


@pytest.mark.parametrize("config_format", CHECKED)
def test_a_broken_body_is_refused_in_the_words_of_its_checker(config_format: str) -> None:
    body, checker, words = BROKEN[config_format]
    checked = check(config_format, body)
    assert checked.checker == checker
    for one in words:
        assert one in " ".join(checked.problems)


@pytest.mark.parametrize("config_format", BROKEN)
def test_where_no_checker_is_installed_the_answer_says_so(
    config_format: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(program, "_PATH", str(tmp_path))
    own = "jsonschema" if config_format == "autoinstall" else ""
    assert check(config_format, formats.default_body(config_format)) == Checked(own, [])


def test_a_second_late_command_would_replace_the_first_and_is_refused() -> None:
    body = formats.default_body("preseed") + "d-i  preseed/late_command string reboot\n"
    assert "preseed/late_command is there more than once" in check("preseed", body).problems[0]


def test_a_last_line_that_goes_on_is_refused() -> None:
    assert "as if it went on" in check("preseed", "d-i a/b string x \\\n").problems[0]


def test_kickstart_never_reads_a_file_of_the_server(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("very-secret\n")
    for line in (f"%ksappend {secret}", f"  %ksappend {secret}", f"%include {secret}"):
        assert "very-secret" not in str(check("kickstart", f"lang en\n{line}\n"))
    assert "reads another file" in check("kickstart", f"%ksappend {secret}").problems[0]


def test_kickstart_is_checked_in_the_version_that_it_names() -> None:
    body = "#version=RHEL{}\nauthconfig --enableshadow\n"
    assert check("kickstart", body.format(7)).problems == []
    assert check("kickstart", body.format(10)).problems


def test_no_file_name_of_the_private_folder_is_in_a_problem() -> None:
    for config_format, (body, _, _) in BROKEN.items():
        assert "bearman-check" not in str(check(config_format, body).problems)


def test_problems_are_bounded_in_number_and_length() -> None:
    checked = check("preseed", "".join(f"nonsense{n} {'x' * 1000}\n" for n in range(100)))
    assert len(checked.problems) == checks.MAX_PROBLEMS
    assert max(len(problem) for problem in checked.problems) <= checks.MAX_LENGTH


def test_a_checker_that_does_not_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in = tmp_path / "ksvalidator"
    stand_in.write_text("#!/bin/sh\nexec sleep 60\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr(program, "_PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(program, "SECONDS", 0.3)
    assert check("kickstart", "lang en").problems == ["ksvalidator did not end within 0.3 s"]


@pytest.mark.parametrize("config_format", ["preseed", "kickstart", "autoinstall"])
def test_the_storage_block_needs_a_disk(config_format: str) -> None:
    facts = replace(example(), disk="")
    body = formats.default_body(config_format)
    with pytest.raises(ValueError, match="no disk of this machine"):
        formats.render(config_format, body, facts)


def test_a_network_that_kickstart_cannot_say_is_refused() -> None:
    two = (Address("192.0.2.10", 24), Address("192.0.2.11", 24))
    with pytest.raises(ValueError, match="one address of each family"):
        formats.render("kickstart", "", replace(example(), addresses=two))
    vlans = (Address("192.0.2.10", 24, "", 5), Address("198.51.100.1", 24, "", 6))
    with pytest.raises(ValueError, match="one VLAN"):
        formats.render("kickstart", "", replace(example(), addresses=vlans))


@needs_cloud_init
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("network-config", "version: 2\nvlans: {x: 3}\n", "network-config: "),
        ("network-config", "- 1\n", "network-config is not a mapping"),
        ("meta-data", "a: [", "meta-data is not YAML"),
    ],
)
def test_the_other_files_of_cloud_init_are_checked_too(name: str, text: str, words: str) -> None:
    files = formats.render("cloud-init", formats.default_body("cloud-init"), example())
    (problem,) = checks.check("cloud-init", files | {name: text}).problems
    assert problem.startswith(words)


@pytest.mark.parametrize(
    "inside",
    [
        "{version: 1, identity: {username: root, hostname: a, password: $6$x}}",
        "{version: 2, user-data: {}}",
        "{version: 1}",
        "{version: 1, user-data: {}, sshh: {}}",
        "{version: 1, user-data: {}, storage: {layout: {name: raid}}}",
        "{version: 1, user-data: {}, network: {ethernets: {}}}",
        "{version: 1, user-data: {}, late-commands: [{a: b}]}",
        "{version: 1, user-data: {}, shutdown: halt}",
        "[]",
    ],
)
def test_an_autoinstall_that_the_installer_would_not_take_is_refused(inside: str) -> None:
    problems = check("autoinstall", f"autoinstall: {inside}").problems
    assert problems
    assert all(problem.startswith("autoinstall") for problem in problems)


def test_a_cloud_config_without_autoinstall_is_no_autoinstall() -> None:
    assert check("autoinstall", "a: 1").problems == ["user-data has no key `autoinstall`."]
