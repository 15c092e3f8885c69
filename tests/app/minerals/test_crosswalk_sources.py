"""The crosswalk against the lists it was made from, and commodity by commodity between the editions."""

# SPDX-License-Identifier: Apache-2.0

import csv
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.minerals.crosswalk import FOLDER, ClassCode, read_crosswalk

SOURCE = os.environ.get("AMDIS_SOURCE_DATA", "")
needs_source = pytest.mark.skipif(not SOURCE, reason="AMDIS_SOURCE_DATA does not name the folder of source files")
CROSSWALK = read_crosswalk()

CHANGES: Mapping[str, set[str]] = {
    "284440": {"284441", "284442", "284443", "284444"},
    "810390": {"810391", "810399"},
    "810600": {"810610", "810690"},
    "810720": {"811261"},
    "810790": {"811269"},
    "810920": {"810921", "810929"},
    "810930": {"810931", "810939"},
    "810990": {"810991", "810999"},
}
"""Codes of HS 2017 that HS 2022 does not have, and where their goods went."""

MOVED = {"hafnium": {"811231", "811239"}, "rhenium": {"811241", "811249"}}
"""Metals that HS 2022 took out of the common codes 8112.92 and 8112.99."""

NAMED_OTHERWISE = {
    "aggregate": {"251720", "251730", "251741", "251749"},
    "bauxite": {"260600"},
    "boron": {"252800"},
    "lime": {"252210"},
    "iron": {"720421", "720429", "720441", "720449", "720450"},
    "rare-earth-element": {"284610"},
}
"""Codes of one commodity alone whose titles name it otherwise: slag, aluminium ore, borates, quicklime, cerium."""


def rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def codes(commodity: str, edition: str) -> dict[str, ClassCode]:
    return {one.code: one for one in CROSSWALK.hs_codes[commodity] if one.edition == edition}


@needs_source
def test_every_code_of_hs_2022_has_the_title_of_the_united_nations_list() -> None:
    listed = {row["hscode"]: row["description"] for row in rows(Path(SOURCE) / "trade_hs" / "harmonized-system.csv")}
    ours = {code: title for (edition, code), title in CROSSWALK.hs.items() if edition == "2022"}
    assert len(ours) > 500
    assert {code: listed.get(code) for code in ours} == ours


@needs_source
def test_no_mineral_of_the_united_nations_list_is_left_out() -> None:
    listed = rows(Path(SOURCE) / "trade_hs" / "harmonized-system.csv")
    minerals = {row["hscode"] for row in listed if row["level"] == "6" and row["hscode"][:2] in ("25", "26")}
    assert minerals <= {code for edition, code in CROSSWALK.hs if edition == "2022"}


@needs_source
def test_every_class_has_the_title_of_isic_revision_4() -> None:
    listed = {row["code"]: row["description"] for row in rows(Path(SOURCE) / "vocab_misc" / "isic_rev4.csv")}
    ours = {code: title for (_, code), title in CROSSWALK.isic.items()}
    assert {code: listed.get(code) for code in ours} == ours


def test_editions_differ_in_the_known_changes_and_nothing_else() -> None:
    old, new = ({code for known, code in CROSSWALK.hs if known == edition} for edition in ("2017", "2022"))
    assert old - new == CHANGES.keys()
    assert new - old == set().union(*CHANGES.values(), *MOVED.values())
    alike = {code for code in old & new if CROSSWALK.hs["2017", code] == CROSSWALK.hs["2022", code]}
    assert alike == old & new


@pytest.mark.parametrize("commodity", sorted(CROSSWALK.hs_codes))
def test_a_commodity_has_the_same_goods_in_both_editions(commodity: str) -> None:
    old, new = codes(commodity, "2017"), codes(commodity, "2022")
    carried = set().union(*(CHANGES.get(code, {code}) for code in old))
    moved = MOVED.get(commodity, set())
    left = {"811292", "811299"} if moved else set()
    assert (carried - left) | moved == new.keys()
    assert moved <= new.keys()
    for code in old.keys() & new.keys():
        assert (old[code].stage, old[code].shared) == (new[code].stage, new[code].shared)


@pytest.mark.parametrize("commodity", sorted(CROSSWALK.hs_codes))
def test_the_titles_of_a_commodity_s_own_codes_name_it(commodity: str) -> None:
    stem = commodity.split("-", maxsplit=1)[0][:5]
    unnamed = {
        code
        for edition in ("2017", "2022")
        for code, one in codes(commodity, edition).items()
        if not one.shared and not re.search(rf"\b{stem}", one.title.lower())
    }
    assert unnamed - CHANGES.keys() <= NAMED_OTHERWISE.get(commodity, set())


@pytest.mark.parametrize("commodity", sorted(CROSSWALK.hs_codes))
def test_a_commodity_that_is_traded_has_a_class_of_industry(commodity: str) -> None:
    stages = {one.stage for one in CROSSWALK.isic_classes[commodity]}
    assert stages <= {"ore", "processed"}
    for one in CROSSWALK.isic_classes[commodity]:
        # Mining is section B, divisions 05 to 09; what works minerals is manufacturing.
        assert (one.code[:2] in {"05", "06", "07", "08", "09"}) is (one.stage == "ore"), one


@pytest.mark.parametrize(
    ("commodity", "ore", "isic"),
    [
        ("iron-ore", {"260111", "260112", "260120"}, "0710"),
        ("copper", {"260300"}, "0729"),
        ("bauxite", {"260600"}, "0729"),
        ("tin", {"260900"}, "0729"),
        ("uranium", {"261210"}, "0721"),
        ("salt", {"250100"}, "0893"),
        ("phosphate-rock", {"251010", "251020"}, "0891"),
        ("feldspar", {"252910"}, "0899"),
        ("peat", {"270300"}, "0892"),
        ("granite", {"251611", "251612"}, "0810"),
    ],
)
def test_ores_stand_where_the_classifications_have_them(commodity: str, ore: set[str], isic: str) -> None:
    for edition in ("2017", "2022"):
        assert {one.code for one in codes(commodity, edition).values() if one.stage == "ore" and not one.shared} == ore
    assert isic in {one.code for one in CROSSWALK.isic_classes[commodity]}


def test_every_row_says_whether_it_was_checked_and_where_it_is_from() -> None:
    for name in ("hs", "isic", "commodity-hs", "commodity-isic", "commodity-inspire"):
        for row in rows(FOLDER / f"{name}.csv"):
            assert row["status"] in {"verified", "unverified"}, (name, row)
            assert row["source"], (name, row)
