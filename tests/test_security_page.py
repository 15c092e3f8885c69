"""The page on security: what it names is there, and what it says of the front end holds."""

# SPDX-License-Identifier: Apache-2.0

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (\d) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
TESTS = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)
SOURCES = [
    path
    for path in (ROOT / "frontend").rglob("*")
    if path.suffix in (".ts", ".svelte", ".html") and not {"node_modules", "dist"} & set(path.parts)
]


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("file", sorted({file for file, _ in TESTS}))
def test_every_test_that_is_named_is_there(file: str) -> None:
    path = ROOT / "tests" / file
    assert path.exists()
    missing = {name for one, name in TESTS if one == file} - functions(path)
    assert missing == set()


def test_every_item_has_a_test_or_a_dated_decision() -> None:
    assert len(ROWS) > 200
    without = [
        item
        for item, _, _, known in ROWS
        if "::test_" not in known and "Decided 20" not in known and not re.search(r"\bD\d+\b", known)
    ]
    assert without == []
    assert [item for item, level, _, _ in ROWS if level not in "12"] == []
    assert [item for item, times in Counter(item for item, *_ in ROWS).items() if times > 1] == []


def test_every_decision_is_dated_and_every_one_that_is_named_is_there() -> None:
    made = set(re.findall(r"^\*\*(D\d+), \d{4}-\d\d-\d\d\.? ", PAGE, re.MULTILINE))
    named = set(re.findall(r"\bD\d+\b", PAGE))
    assert named == made


def test_no_line_of_the_table_is_malformed() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(ROWS)


def test_front_end_writes_no_html_of_its_own() -> None:
    """Text of people is text: nothing in the front end makes HTML of a string."""
    assert len(SOURCES) > 50
    writing = re.compile(r"\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(")
    assert [str(path.relative_to(ROOT)) for path in SOURCES if writing.search(path.read_text("utf-8"))] == []


def test_front_end_stores_only_choices() -> None:
    """What a browser keeps is what somebody has chosen to see, such as colours: no token, no data."""
    storing = re.compile(r"sessionStorage|indexedDB|document\.cookie|localStorage")
    found = {str(path.relative_to(ROOT / "frontend")) for path in SOURCES if storing.search(path.read_text("utf-8"))}
    assert found == {"ui/theme.ts", "workspace/account/theme.ts"}
