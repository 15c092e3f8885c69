"""The parts of the harness that need no suite: reports are read, schemas are answered for."""

# SPDX-License-Identifier: Apache-2.0

import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.cite.results import of_ctl, of_testng
from tests.cite.schemas import schema_proxy

TESTNG = """<testng-results failed="3"><suite><test><class>
<test-method status="PASS" name="right"/><test-method status="PASS" name="setUp" is-config="true"/>
<test-method status="FAIL" name="claims" is-config="true"/>
<test-method status="FAIL" name="wrong"><exception><message>expected [1]
 but found [2]</message></exception></test-method>
<test-method status="FAIL" name="wrong"/><test-method status="FAIL" name="known"/>
<test-method status="SKIP" name="other"/></class></test></suite></testng-results>"""
CTL = """Testing suite main in Test Mode with defaultResult of Pass ...
      Test basic:getmap (View Test Log) (s0001/d1_1) Passed
      Test basic:format type test (s0001/d1_2) Failed
   Test basic:all (s0001/d1) Failed (Inherited Failure)
   Test basic:optional (s0001/d2) Skipped
"""


def test_only_failing_tests_that_are_not_explained_count(tmp_path: Path) -> None:
    report = tmp_path / "testng-results.xml"
    report.write_text(TESTNG)
    found = of_testng(report, {"known"})
    assert (found.passed, found.failures, found.skipped, found.standing) == (1, 2, 1, 1)
    assert found.failed == {"wrong": "expected [1] but found [2]"}
    assert not found.good


def test_a_run_in_which_nothing_passed_is_not_good(tmp_path: Path) -> None:
    report = tmp_path / "testng-results.xml"
    report.write_text("<testng-results/>")
    assert not of_testng(report, ()).good


def test_a_failure_that_is_inherited_counts_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(CTL)
    found = of_ctl(log, ())
    assert (found.passed, found.failures, found.skipped, list(found.failed)) == (1, 1, 1, ["basic:format"])


def test_schemas_are_answered_for_here_and_nothing_else_is(tmp_path: Path) -> None:
    archive = tmp_path / "schemas.jar"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("ogc/wfs/2.0/wfs.xsd", "<schema/>")
    with schema_proxy(archive) as (port, missed):
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://127.0.0.1:{port}"})).open
        with ask("http://schemas.opengis.net/wfs/2.0/wfs.xsd") as answer:
            assert answer.read() == b"<schema/>"
        with ask("http://www.w3.org/1999/xlink.xsd") as answer:
            assert b"simpleAttrs" in answer.read()
        with pytest.raises(urllib.error.HTTPError):
            ask("http://example.org/other.xsd")
    assert missed == ["http://example.org/other.xsd"]
