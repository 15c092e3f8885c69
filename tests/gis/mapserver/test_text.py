# SPDX-License-Identifier: Apache-2.0

import pytest

from gis.mapserver.text import Texts, quote
from tests.gis.mapserver.engine import TRICKY


@pytest.mark.parametrize("text", [TRICKY, '"', "'x'", '\\"', "\\", "(1 = 1)", "{a,b}", "[name]", "/x/", '"x"i', ""])
def test_no_text_ends_its_string_early(text: str) -> None:
    inside = quote(text)[1:-1]
    rest = inside.replace("\\\\", "").replace('\\"', "")
    assert '"' not in rest
    assert not rest.endswith("\\")


def test_control_characters_do_not_reach_the_mapfile() -> None:
    assert quote("a\x00b\x1bc\x7fd") == '"abcd"'


def test_a_text_that_looks_like_a_token_stays_a_text() -> None:
    texts = Texts()
    first, second = texts("txt:1"), texts("other")
    assert texts.restore(f'"{first}" "{second}"') == '"txt:1" "other"'
