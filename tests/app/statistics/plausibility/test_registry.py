"""The checks beside a submission: told by line, only where a submitted figure has a part in it."""

# SPDX-License-Identifier: Apache-2.0

from app.statistics.plausibility.registry import CHECKS, findings, judged
from tests.app.statistics.figures import cube, exports, production
from tests.app.statistics.plausibility.figures import figures

PUBLISHED = figures(*(production(year=str(year), value="100") for year in range(2015, 2023)))


def test_every_check_is_there_under_its_own_id() -> None:
    assert [check.id for check in CHECKS] == ["mirror-trade", "mass-balance", "hs-editions", "outliers"]
    assert judged([], cube()).keys() == {check.id for check in CHECKS}
    assert all(found.compared == 0 and not found.doubts for found in judged([], cube()).values())


def test_a_submitted_outlier_is_told_on_its_line() -> None:
    (new,) = figures(production(year="2019", value="100000"))
    (found,) = findings([(7, new)], PUBLISHED, cube())
    assert (found.row, found.field, found.rule) == (7, "value", "outliers")
    assert "nickel, Mine production of Indonesia, 2019: 100,000 kt" in found.message


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    (wrong,) = figures(production(year="2019", value="100000"))
    (right,) = figures(production(year="2019", value="101"))
    published = [row for row in PUBLISHED if row["year"] != 2019] + [wrong]
    assert list(findings([(2, right)], published, cube())) == []


def test_doubts_among_published_figures_are_none_of_the_submission() -> None:
    (wrong,) = figures(production(year="2019", value="100000"))
    published = [row for row in PUBLISHED if row["year"] != 2019] + [wrong]
    (new,) = figures(production(commodity="tin", value="5"))
    assert list(findings([(2, new)], published, cube())) == []


def test_a_submitted_report_is_laid_beside_the_published_mirror() -> None:
    published = figures(exports("PHL", "100"))
    (new,) = figures(exports("IDN", "300", indicator="imports", country="PHL"))
    (found,) = findings([(4, new)], published, cube())
    assert (found.row, found.rule) == (4, "mirror-trade")
