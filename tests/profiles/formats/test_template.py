"""`{{ name }}` and nothing else; kernel command lines."""

from dataclasses import replace

import pytest

from profiles import template
from profiles.facts import example


def test_names_are_replaced_and_everything_else_stays() -> None:
    text = "a {{ hostname }} {{hostname}} $x ${y} %z {{{{ }} \\ {single}"
    assert (
        template.render(text, {"hostname": "web-1"}) == "a web-1 web-1 $x ${y} %z {{ }} \\ {single}"
    )


def test_what_a_value_holds_is_not_a_template() -> None:
    assert template.render("{{ a }}", {"a": "{{ b }} $b", "b": "no"}) == "{{ b }} $b"


def test_every_documented_variable_has_a_value() -> None:
    assert set(template.values_of(example())) == set(template.VARIABLES)


def test_an_unknown_variable_is_told_with_its_line_and_the_closest_known_one() -> None:
    assert template.check("a\nb {{ hostnmae }}", template.VARIABLES) == [
        "Line 2 has the unknown variable `hostnmae`: did you mean `hostname`?"
    ]
    assert template.check("{{ qqqq }}", ["a", "b"]) == [
        "Line 1 has the unknown variable `qqqq`: there are a, b."
    ]


@pytest.mark.parametrize(
    "text", ["{{ hostname", "{{ hostname }", "{{ Host-Name }}", "{{}}", "{{ \n a }}"]
)
def test_braces_that_begin_no_variable_are_told(text: str) -> None:
    (problem,) = template.check(text, template.VARIABLES)
    assert problem.startswith("Line 1 has `{{` that begins no variable")
    with pytest.raises(ValueError, match="begins no variable"):
        template.render(text, {})


def test_a_value_on_the_kernel_command_line_is_one_word_of_harmless_characters() -> None:
    facts = replace(example(), product_name="R640 quiet init=/bin/sh")
    line = template.append("x={{ product_name }} ns={{ dns }}", facts)
    assert line == "x=R640_quiet_init_/bin/sh ns=192.0.2.53_2001:db8::53"


@pytest.mark.parametrize(
    "text", ["a\nb", "a\tb", "é", "${net0/mac}", "a || shell", "a && b", "{{ x }}"]
)
def test_a_kernel_command_line_that_ipxe_would_read_otherwise_is_refused(text: str) -> None:
    assert template.check_append(text)
    with pytest.raises(ValueError):
        template.append(text, example())


def test_an_empty_value_makes_no_syntax_of_what_is_around_it() -> None:
    text = "a|{{ domain }}|b"
    assert template.check_append(text) == []
    with pytest.raises(ValueError, match="iPXE"):
        template.append(text, replace(example(), domain=""))


def test_an_empty_kernel_command_line_stays_empty() -> None:
    assert template.append("", example()) == ""
