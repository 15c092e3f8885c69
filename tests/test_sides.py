"""No style names a side of the page: what stands where a line begins or ends does so in every script."""

# SPDX-License-Identifier: Apache-2.0

import re
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[1] / "frontend"
STYLES = [
    path
    for path in sorted(FRONTEND.rglob("*"))
    if path.suffix in (".css", ".svelte") and not {"node_modules", "dist"} & set(path.relative_to(FRONTEND).parts)
]
SIDES = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
    r"|border-(?:top|bottom)-(?:left|right)-radius"
)
FOUR_VALUES = re.compile(r"(?<![\w-])(?:margin|padding|inset)\s*:\s*([^;{}]+);")


def _rules(path: Path) -> str:
    """The style rules of a file, without comments; of a component those inside <style>."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".svelte":
        text = "".join(re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _values(text: str) -> list[str]:
    """The values of a shorthand; what stands in brackets is one."""
    return re.findall(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+", text)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.relative_to(FRONTEND).as_posix())
def test_no_style_names_a_side(path: Path) -> None:
    rules = _rules(path)
    assert not SIDES.findall(rules)
    shorthands = [values for text in FOUR_VALUES.findall(rules) if len(values := _values(text)) == 4]
    assert all(right == left for _, right, _, left in shorthands), shorthands


def test_the_styles_of_the_pages_are_among_those_looked_at() -> None:
    assert {"site.css", "map.css", "workspace.css", "feature-info.css"} <= {path.name for path in STYLES}
