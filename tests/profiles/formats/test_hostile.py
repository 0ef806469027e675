"""What a machine says of itself changes nothing but the text in its place, in every format."""

import shlex
from dataclasses import replace
from typing import Any

import yaml
from hypothesis import example as with_example
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles import formats, template
from profiles.facts import example
from profiles.values import plain

PLAIN = "Plain"
BODIES = {
    "preseed": "d-i a/b string {{ vendor }}\nd-i c/d string x {{ product_name }} {{ serial }}\n"
    "d-i preseed/late_command string echo {{ vendor }} > /target/x; \\\n  echo {{ serial }}\n",
    "kickstart": "lang en\nbootloader --append={{ product_name }} --location=mbr\n{{ network }}\n"
    '%post\necho "{{ vendor }}" {{ serial }} {{ zone }}\n%end\n{{ callback }}\n',
    "autoinstall": "autoinstall: {version: 1, a: {{ vendor }}, b: [x{{ serial }}]}\n"
    "{{ product_name }}x: |\n  {{ vendor }}\n  {{ product_name }}\n",
    "cloud-init": "a: {{ vendor }}\nb:\n- {{ product_name }}\n- '{{ serial }}'\n"
    'c: "{{ zone }}"\nd{{ vendor }}: 1\n',
}
WORDS = [
    '"', "'", "\n", "\r\n", "$(reboot)", "`reboot`", "${net0/mac}", " || shell", " && sanboot",
    ": ", "- ", "#", "{{ token }}", "{{", "\\", "%end", "%include /etc/passwd", "--append=x", "\0",
    "\u2028", "null", "---", "&a", "*a", "!!x", ";", "|", ">", "é", "goto failed",
    "\ue000uuid\ue001",
]  # fmt: skip
hostile = (
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), min_size=1, max_size=8)
    .map("".join)
    .filter(lambda text: plain(text) != "")
)  # nothing makes no word


@given(vendor=hostile, product=hostile, serial=hostile)
@with_example(vendor="- a", product='x"\n%end', serial="{{ token }}")
@with_example(vendor=" --append=x", product="null", serial="\\\n")
@settings(max_examples=150, deadline=None)
def test_hostile_free_text_leaves_the_structure_of_every_file(
    vendor: str, product: str, serial: str
) -> None:
    facts = replace(example(), vendor=PLAIN, product_name=PLAIN, serial=PLAIN, zone=PLAIN)
    evil = replace(facts, vendor=vendor, product_name=product, serial=serial, zone=vendor)
    for config_format, body in BODIES.items():
        good = formats.render(config_format, body, facts)
        bad = formats.render(config_format, body, evil)
        assert bad.keys() == good.keys()
        for name, text in good.items():
            is_yaml = config_format in ("autoinstall", "cloud-init")
            shape = of_yaml if is_yaml else of_lines
            assert shape(bad[name]) == shape(text)
            assert facts.token in good[name] or facts.token not in bad[name]


@given(text=hostile)
@settings(max_examples=100, deadline=None)
def test_hostile_free_text_adds_no_argument_to_a_kernel_command_line(text: str) -> None:
    line = "quiet v={{ vendor }} s={{ serial }},{{ product_name }} end"
    facts = replace(example(), vendor=text, serial=text, product_name=text)
    made = template.append(line, facts)
    assert len(made.split(" ")) == 4
    assert not set(made) & set("$|&;\"'\\`\n\r\t{}()<>")


def of_lines(text: str) -> Any:
    """Return the number of words in each line, as a shell or Kickstart counts them."""
    return [len(shlex.split(line.removesuffix("\\"), comments=True)) for line in logical(text)]


def logical(text: str) -> list[str]:
    # Lines that hold one half of a quotation are the shell commands of Bearman's own blocks.
    return [line for line in text.split("\n") if line.count("'") % 2 == line.count('"') % 2 == 0]


def of_yaml(text: str) -> Any:
    """Return the data with every text and key of it taken away."""
    data = yaml.safe_load(text)
    return _shape(data)


def _shape(data: Any) -> Any:
    if isinstance(data, dict):
        return [_shape(value) for value in data.values()]
    if isinstance(data, list):
        return [_shape(item) for item in data]
    if isinstance(data, str):
        return data.count("\n")
    return data
