"""The texts and documents of a region's cooperation: read as they are written, and mistakes told with their line."""

# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import pytest

from app.regions import Region, read_region
from app.web.cooperation import KINDS, read_cooperation, read_documents
from app.web.languages import CATALOGUES, Languages
from gis.errors import InvalidDeclarationError

REGIONS = Path(__file__).parents[3] / "data" / "regions"
HEAD = "title,kind,date,adopted,place,url,source,sourceId\n"
REGION = """
id: here
title: Here
description: A region.
languages: [en]
bbox: [0, 0, 10, 10]
members: []
datasets: []
"""


def _region(folder: Path, more: str = "") -> Region:
    (folder / "region.yml").write_text(REGION + more, encoding="utf-8")
    return read_region(folder)


def _documents(folder: Path, rows: str) -> Path:
    path = folder / "publications.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_a_region_without_such_files_has_a_cooperation_without_content(tmp_path: Path) -> None:
    found = read_cooperation(tmp_path, _region(tmp_path))
    assert (found.parts, found.documents) == ((), ())
    assert list(found.terms(Languages(CATALOGUES))) == []
    assert set(found.by_heading()) == set(KINDS.values()), "each kind without documents is a gap to be shown"


def test_documents_come_newest_first_and_stay_under_the_heading_of_their_kind(tmp_path: Path) -> None:
    dated = "Old,plan,2005,,,,List,\nNew,statement,2021-10-08,,,,List,\nNewer,vision,2023-11,,,,List,\n"
    _documents(tmp_path, dated + "Undated,plan,,,,,List,\n")
    found = read_cooperation(tmp_path, _region(tmp_path, "publications: publications.csv\n"))
    assert [one.title for one in found.documents] == ["Newer", "New", "Old", "Undated"]
    plans = found.by_heading()[KINDS["plan"]]
    assert [(anchor, one.title) for anchor, one in plans] == [
        ("document-1", "Newer"),
        ("document-3", "Old"),
        ("document-4", "Undated"),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("A,brochure,,,,,List,\n", "line 2: kind 'brochure' is none of vision, plan"),
        ("A,plan,,,,,List,\n,plan,,,,,List,\n", "line 3: title and source must not be empty"),
        ("A,plan,,,,,,\n", "line 2: title and source must not be empty"),
    ],
)
def test_a_mistake_in_a_document_is_told_with_its_line(tmp_path: Path, rows: str, told: str) -> None:
    with pytest.raises(InvalidDeclarationError, match=told):
        read_documents(_documents(tmp_path, rows))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "publications.csv"
    path.write_text("title,kind,date\nA,plan,\n", encoding="utf-8")
    with pytest.raises(InvalidDeclarationError, match="missing column adopted, place, url, source, sourceId"):
        read_documents(path)


def test_a_point_without_a_text_is_told_with_its_line(tmp_path: Path) -> None:
    about = "parts:\n  - title: A\n    text: B\n    source: C\n    points:\n      - title: D\n"
    (tmp_path / "about.yml").write_text(about, encoding="utf-8")
    with pytest.raises(InvalidDeclarationError, match=r"line 6: .*text"):
        read_cooperation(tmp_path, _region(tmp_path, "about: about.yml\n"))


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in REGIONS.glob("*/region.yml")), ids=lambda one: one.name
)
def test_every_region_is_found_by_its_parts_in_every_language_of_its_catalogues(folder: Path) -> None:
    cooperation, languages = read_cooperation(folder, read_region(folder)), Languages(CATALOGUES, folder / "locales")
    terms = list(cooperation.terms(languages))
    points = sum(len(part.points) for part in cooperation.parts)
    assert len(terms) == len(cooperation.parts) + points + len(cooperation.documents)
    assert len({term.key for term in terms}) == len(terms)
    for term in terms:
        if term.href.startswith("/about"):
            assert {name.language for name in term.names} == {language.code for language in languages}, term.key
