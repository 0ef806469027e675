"""YAML bodies are parsed before they are filled."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from profiles.facts import example
from profiles.formats import render


def user_data(body: str, **changes: Any) -> str:
    return render("cloud-init", body, replace(example(), **changes))["user-data"]


def test_a_value_that_looks_like_yaml_is_text() -> None:
    for text in ("null", "yes", "1.5", "2024-01-01", "- a", "..."):
        made = yaml.safe_load(
            user_data("a: {{ product_name }}\nb: x {{ serial }}", product_name=text)
        )
        assert isinstance(made["a"], str)
        assert set(made) == {"a", "b"}


def test_a_number_that_stands_alone_is_a_number() -> None:
    body = 'a: {{ vlan_id }}\nb: "{{ prefix_length }}"\nc: vlan{{ vlan_id }}\n{{ hostname }}: 1'
    made = {"a": 120, "b": 24, "c": "vlan120", "web-1": 1}
    assert yaml.safe_load(user_data(body)) == made


def test_a_block_that_is_a_list_joins_the_list_around_it() -> None:
    made = yaml.safe_load(user_data("runcmd:\n- a\n- {{ callback }}\n- [b, c]\nk: {{ ssh_keys }}"))
    assert made["runcmd"][0] == "a"
    assert made["runcmd"][1].startswith("curl ")
    assert made["runcmd"][2] == ["b", "c"]
    assert made["k"] == list(example().ssh_keys)


def test_text_of_several_lines_stays_readable() -> None:
    body = "write_files:\n- path: /etc/motd\n  content: |\n    {{ hostname }}\n    second\n"
    assert "content: |\n    web-1\n    second\n" in user_data(body)


def test_two_braces_can_be_written() -> None:
    assert yaml.safe_load(user_data("a: docker --format '{{{{.Name}}'"))["a"].endswith(
        "'{{.Name}}'"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("a: [", "not YAML in line 1"),
        ("a: 1\nb: 2\na: 3", "line 3: the key `a` is there twice"),
        ("- a", "must be a mapping"),
        ("", "must be a mapping"),
        ("#!/bin/sh\nreboot", "must be a mapping"),
        ("a: &x 1\nb: *x", "aliases"),
        ("a: !!python/object/apply:os.system [reboot]", "constructor"),
        ("--- 1\n--- 2", "another document"),
        ("[" * 5000, "too many levels"),
        ("a: x {{ ssh_keys }}", "must stand alone"),
        ("{{ ssh_keys }}: 1", "must stand alone"),
        ("a: {{ network }}", "unknown variable `network`"),
        ("a: \ue000vendor\ue001", "U+E000"),
        ("a: \x00", "not YAML"),
    ],
)
def test_a_body_that_cannot_be_used_is_told_in_words(body: str, words: str) -> None:
    with pytest.raises(ValueError) as raised:
        user_data(body)
    assert words in str(raised.value)
    assert str(raised.value).endswith(".")
