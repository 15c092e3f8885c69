"""The suite for WMS 1.3.0, which is written in CTL for TEAM Engine and asks for its own data set, Blue Lake.

It has never run here: Maven Central as reached from the machines this was written on does not have it. The commands
are those of its documentation.
"""

# SPDX-License-Identifier: Apache-2.0

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tests.cite.engine import Engine
from tests.cite.results import Result, of_ctl

WMS = ("org.opengis.cite:ets-wms13", "1.34")
"""Artefact and version."""


def run_wms(engine: Engine, jar: Path, url: str) -> Result:
    """Run it against the WMS of an AMDIS that serves the twelve layers of Blue Lake and Terrain."""
    reports = engine.emptied("ets-wms13")
    # TEAM Engine looks for its scripts as files, so the jar does not run as it is.
    unpacked = reports / "suite"
    with zipfile.ZipFile(jar) as archive:
        archive.extractall(unpacked)
    base = reports / "te"
    for name in ("users/root", "work", "scripts"):
        (base / name).mkdir(parents=True)
    service = {"capabilities-url": f"{url}/wms?service=WMS&version=1.3.0&request=GetCapabilities"}
    service |= {"updatesequence": "auto", "high-updatesequence": "100000", "low-updatesequence": "0"}
    service |= {name: name for name in ("basic", "queryable", "recommended")}
    forms = [
        f"-form={_form(reports / 'service.xml', service)}",
        f"-form={_form(reports / 'yes.xml', {'submit': 'yes', 'answer': 'yes'})}",
    ]
    source = unpacked / "wms13" / "1.3.0" / "ctl" / "main.xml"
    options = [f"-DTE_BASE={base}", "-Djava.protocol.handler.pkgs=com.occamlab.te.util.protocols"]
    test = ["com.occamlab.te.Test", f"-source={source}", "-suite=wms-1.3.0:ets-wms13", *forms]
    engine.java([*options, "-cp", str(unpacked), *test], reports)
    return of_ctl(reports / "log", ())


def _form(path: Path, values: Mapping[str, str]) -> Path:
    """Answers to a form of the suite, in a file."""
    lines = [f"<value key={quoteattr(key)}>{escape(value)}</value>" for key, value in values.items()]
    path.write_text(f"<values>{''.join(lines)}</values>\n")
    return path
