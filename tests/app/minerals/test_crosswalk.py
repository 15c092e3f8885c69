"""The crosswalk hangs together with the vocabularies, and says what nobody has checked."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path
from shutil import copytree

import pytest

from app.minerals.crosswalk import FOLDER, read_crosswalk
from app.minerals.vocabularies import read_labels, read_vocabularies
from gis.errors import InvalidDeclarationError

COMMODITIES = read_vocabularies()["commodity-code"]
CROSSWALK = read_crosswalk()
INSPIRE = "http://inspire.ec.europa.eu/codelist/CommodityCodeValue/"


def test_every_commodity_is_one_of_the_vocabulary() -> None:
    for table in (CROSSWALK.hs_codes, CROSSWALK.isic_classes, CROSSWALK.inspire):
        assert table.keys() <= COMMODITIES.terms.keys()


def test_nothing_of_the_edition_of_2017_is_called_verified() -> None:
    codes = [code for all_of_one in CROSSWALK.hs_codes.values() for code in all_of_one]
    assert {code.edition for code in codes} == {"2017", "2022"}
    assert {code.status for code in codes if code.edition == "2017"} == {"unverified"}


def test_nickel_has_ore_intermediates_and_metal() -> None:
    codes = {code.code: code.stage for code in CROSSWALK.hs_codes["nickel"] if code.edition == "2022"}
    assert codes["260400"] == "ore"
    assert codes["750120"] == codes["720260"] == codes["750210"] == "processed"
    assert codes["750300"] == "scrap"


def test_a_code_of_many_commodities_says_so() -> None:
    lithium = {code.code: code.shared for code in CROSSWALK.hs_codes["lithium"] if code.edition == "2022"}
    assert lithium == {"253090": True, "282520": False, "283691": False}


@pytest.mark.parametrize(
    ("commodity", "wrong"),
    [
        ("coal", "cobalt"),
        ("granite", "graphite"),
        ("iridium", "rubidium"),
        ("radium", "uranium"),
        ("sapphire", "sapphirine"),
        ("zircon", "zirconia"),
    ],
)
def test_wrong_matches_of_the_published_vocabulary_are_replaced(commodity: str, wrong: str) -> None:
    (term,) = CROSSWALK.inspire[commodity]
    assert (term.uri, term.replaces) == (INSPIRE + commodity, INSPIRE + wrong)


def test_a_code_that_no_edition_has_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = copytree(FOLDER, tmp_path / "crosswalk")
    table = folder / "commodity-hs.csv"
    table.write_text(table.read_text().replace("nickel,260400,2022", "nickel,260401,2022"))
    with pytest.raises(InvalidDeclarationError, match=r"commodity-hs\.csv: line \d+: hs: there is no code 260401"):
        read_crosswalk(folder)


def test_labels_are_those_of_the_vocabulary() -> None:
    assert read_labels("commodity-code")["nickel"]["id"] == "nikel"
