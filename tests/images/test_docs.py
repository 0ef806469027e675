"""docs/images.md says what the program says."""

from pathlib import Path

from image_builder.exit_codes import MEANINGS

DOCUMENT = Path(__file__).parents[2] / "docs/images.md"


def test_every_exit_code_is_documented() -> None:
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    for code, meaning in MEANINGS.items():
        assert f"| {code.value} | {meaning} |" in rows
