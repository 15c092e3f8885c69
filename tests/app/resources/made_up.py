"""Estimates made up for tests."""

# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace
from functools import cache
from typing import Any

from app.minerals.vocabularies import read_vocabularies
from app.resources.bridges import Bridge, read_bridges
from app.resources.estimates import Axes, Estimate
from gis.vocabulary import Vocabulary

_INDICATED = Estimate(
    identifier="one",
    country="PHL",
    commodity="copper",
    deposit="deposit-1",
    deposit_name="One",
    measure="resource",
    category="indicated-mineral-resource",
    method="jorc-code",
    tonnage=1_000_000.0,
    contained=10_000.0,
    axes=Axes(),
)


def estimate(identifier: str, **values: Any) -> Estimate:
    """An indicated resource of copper by the JORC code, at a deposit of its own unless told otherwise."""
    return replace(_INDICATED, **({"identifier": identifier, "deposit": f"deposit-{identifier}"} | values))


@cache
def vocabularies() -> dict[str, Vocabulary]:
    return dict(read_vocabularies())


@cache
def bridge() -> Bridge:
    return read_bridges(vocabularies())["crirsco-default"]
