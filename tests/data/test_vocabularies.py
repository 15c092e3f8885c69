"""The vocabularies in data/vocabularies hang together and hold nothing the patch should have removed."""

import re
from collections import Counter

import pytest

from data.compile.labels import Label, PatchMismatchError, apply_patch, doubtful
from data.compile.tables import VOCABULARIES, Row, read_csv, read_rules

SCHEMES = {row["scheme"]: row for row in read_rules("schemes")}
CONCEPTS = {name: read_csv(VOCABULARIES / f"{name}.csv") for name in SCHEMES}
COLOUR = re.compile(r"#[0-9A-F]{6}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_codes_are_unique_and_every_broader_code_exists(scheme: str) -> None:
    codes = Counter(row["code"] for row in CONCEPTS[scheme])
    assert max(codes.values()) == 1
    broader = {code for row in CONCEPTS[scheme] for code in row["broader"].split("|") if code}
    assert broader <= codes.keys()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_uris_are_a_prefix_of_the_scheme_and_the_code(scheme: str) -> None:
    prefixes = SCHEMES[scheme]["prefix"].split("|")
    for row in CONCEPTS[scheme]:
        own = f"urn:amdis:{scheme}:{row['code']}"  # a term that the scheme lacks
        assert row["uri"] in ([prefix + row["code"] for prefix in prefixes] + [own] if prefixes != [""] else [""])
        assert row["label"]


def test_every_commodity_has_a_group_and_every_group_a_commodity() -> None:
    used = {row["group"] for row in CONCEPTS["commodity-code"]}
    assert used == {row["code"] for row in CONCEPTS["commodity-group"]}


@pytest.mark.parametrize("scheme", ["commodity-group", "ischart"])
def test_colours_are_hexadecimal(scheme: str) -> None:
    assert all(COLOUR.fullmatch(row["colour"]) for row in CONCEPTS[scheme])


def test_colours_of_groups_differ() -> None:
    assert len({row["colour"] for row in CONCEPTS["commodity-group"]}) == len(CONCEPTS["commodity-group"])


def test_ages_lie_inside_the_unit_above() -> None:
    units = {row["code"]: row for row in CONCEPTS["ischart"]}
    for unit in units.values():
        assert float(unit["begin_ma"]) > float(unit["end_ma"])
        for code in filter(None, unit["broader"].split("|")):
            assert float(units[code]["begin_ma"]) >= float(unit["begin_ma"])
            assert float(units[code]["end_ma"]) <= float(unit["end_ma"])


def test_labels_belong_to_concepts_and_are_in_the_script_of_their_language() -> None:
    rows = read_csv(VOCABULARIES / "labels.csv")
    codes = {(scheme, row["code"]) for scheme, concepts in CONCEPTS.items() for row in concepts}
    labels = [Label(row["scheme"], row["code"], row["lang"], row["label"]) for row in rows]
    assert {(label.scheme, label.code) for label in labels} <= codes
    assert doubtful(labels) == []
    assert not [label for label in labels if label.text != label.text.strip() or re.search(r"[=!?¿\ufffd]", label.text)]
    assert not {label.lang for label in labels} & {"km", "lo", "en", "es-a"}
    assert max(Counter((label.scheme, label.code, label.lang) for label in labels).values()) == 1


def test_alternative_labels_belong_to_concepts() -> None:
    codes = {(scheme, row["code"]) for scheme, concepts in CONCEPTS.items() for row in concepts}
    rows = read_csv(VOCABULARIES / "altlabels.csv")
    assert {(row["scheme"], row["code"]) for row in rows} <= codes
    assert not [row for row in rows if any("\x80" <= char <= "\xbf" for char in row["label"])]


def test_a_patch_row_that_fits_no_more_stops_the_compilation() -> None:
    row: Row = {
        "scheme": "s",
        "code": "tin",
        "field": "label:es",
        "action": "replace",
        "old": "estan=o",
        "new": "estaño",
    }
    assert apply_patch([Label("s", "tin", "es", "estan=o")], [row]) == [Label("s", "tin", "es", "estaño")]
    with pytest.raises(PatchMismatchError, match="estaño"):
        apply_patch([Label("s", "tin", "es", "estaño")], [row])


def test_a_language_is_not_dropped_once_it_has_its_script() -> None:
    row: Row = {"scheme": "s", "code": "*", "field": "label:km", "action": "drop-script", "old": "1", "new": "KHMER"}
    assert apply_patch([Label("s", "tin", "km", "sMN")], [row]) == []
    with pytest.raises(PatchMismatchError):
        apply_patch([Label("s", "tin", "km", "សំណ")], [row])
