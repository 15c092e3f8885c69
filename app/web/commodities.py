"""GET /api/v1/commodities: everything known of a commodity, from one place."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from app.db.pool import Connection, PublicReads
from app.errors import UnknownCodeError
from app.layers.catalogue import Catalogue
from app.layers.queries import count_having
from app.minerals.crosswalk import ClassCode, Crosswalk
from app.minerals.vocabularies import read_labels
from app.problems import PROBLEMS
from app.statistics.figures import PATH as STATISTICS
from app.statistics.queries import series_of
from gis.declaration import nearest
from gis.vocabulary import Term, Vocabulary

PATH = "/api/v1/commodities"

_FIELD = "commodityCodes"
_VOCABULARY = "commodity-code"


class CommodityTermOut(BaseModel):
    """A commodity by name."""

    code: str
    label: str
    href: str


class ClassCodeOut(BaseModel):
    """A code of a classification. stage: ore, processed or scrap; shared: other commodities have the code too.

    status: verified when its source was at hand, unverified when it was written from memory.
    """

    code: str
    edition: str
    title: str
    stage: str
    shared: bool
    status: str
    source: str


class InspireTermOut(BaseModel):
    """The term of the INSPIRE code list. replaces: the wrong match that the CGI vocabulary publishes, or empty."""

    uri: str
    match: str
    replaces: str
    status: str
    source: str


class SeriesOut(BaseModel):
    """What is measured of a commodity."""

    indicator: str
    label: str
    content: str
    observations: int
    countries: list[str]
    firstYear: int  # noqa: N815
    lastYear: int  # noqa: N815
    href: str


class SitesOut(BaseModel):
    """How many features of a layer have the commodity or one below it."""

    layer: str
    title: str
    count: int
    href: str


class CommodityOut(BaseModel):
    """Everything known of a commodity. labels: by language (BCP 47)."""

    code: str
    uri: str
    notation: str
    label: str
    labels: dict[str, str]
    group: str
    broader: list[CommodityTermOut]
    narrower: list[CommodityTermOut]
    hs: list[ClassCodeOut]
    isic: list[ClassCodeOut]
    inspire: list[InspireTermOut]
    series: list[SeriesOut]
    sites: list[SitesOut]


class Commodities:
    """Looks a commodity up in the vocabulary, the crosswalk, the statistics and the layers."""

    def __init__(
        self, reads: PublicReads, catalogue: Catalogue, vocabularies: Mapping[str, Vocabulary], crosswalk: Crosswalk
    ) -> None:
        self._reads = reads
        self._layers = [one.layer for one in catalogue.declared.values() if one.layer.field(_FIELD)]
        self._vocabulary = vocabularies[_VOCABULARY]
        self._indicators = vocabularies["indicator"]
        self._crosswalk = crosswalk
        self._labels = read_labels(_VOCABULARY)

    def every(self) -> list[CommodityTermOut]:
        """All commodities of the vocabulary."""
        return [_term(term) for term in self._vocabulary]

    async def __call__(self, code: str) -> CommodityOut:
        """One commodity. Raises UnknownCodeError with the nearest code."""
        terms = self._vocabulary.terms
        if code not in terms:
            close = nearest(code, list(terms))
            raise UnknownCodeError(f"There is no commodity {code[:60]!r}{close}.")
        term = terms[code]
        series, sites = await self._reads(lambda connection: self._data(connection, code))
        return CommodityOut(
            code=code,
            uri=term.uri,
            notation=term.notation,
            label=term.label,
            labels={"en": term.label, **self._labels.get(code, {})},
            group=term.extra["group"],
            broader=[_term(terms[one]) for one in term.broader],
            narrower=[_term(one) for one in self._vocabulary if code in one.broader],
            hs=[_class_code(one) for one in self._crosswalk.hs_codes.get(code, ())],
            isic=[_class_code(one) for one in self._crosswalk.isic_classes.get(code, ())],
            inspire=[
                InspireTermOut(
                    uri=one.uri, match=one.match, replaces=one.replaces, status=one.status, source=one.source
                )
                for one in self._crosswalk.inspire.get(code, ())
            ],
            series=series,
            sites=sites,
        )

    async def _data(self, connection: Connection, code: str) -> tuple[list[SeriesOut], list[SitesOut]]:
        series = [
            SeriesOut(
                indicator=row["indicator"],
                label=self._indicators.terms[row["indicator"]].label,
                content=row["content"],
                observations=row["observations"],
                countries=row["countries"],
                firstYear=row["first_year"],
                lastYear=row["last_year"],
                href=_series_address(row["indicator"], code, row["content"]),
            )
            for row in await series_of(connection, code)
        ]
        codes = self._vocabulary.with_narrower(code)
        sites = [
            SitesOut(
                layer=layer.id,
                title=layer.title,
                count=await count_having(connection, layer, _FIELD, codes),
                href=f"/ogc/collections/{layer.id}",
            )
            for layer in self._layers
        ]
        return series, sites


def _series_address(indicator: str, commodity: str, content: str) -> str:
    asked = {"indicator": indicator, "commodity": commodity, "content": content}
    return f"{STATISTICS}/observations?{urlencode(asked)}"


def _term(term: Term) -> CommodityTermOut:
    return CommodityTermOut(code=term.code, label=term.label, href=f"{PATH}/{term.code}")


def _class_code(one: ClassCode) -> ClassCodeOut:
    return ClassCodeOut(
        code=one.code,
        edition=one.edition,
        title=one.title,
        stage=one.stage,
        shared=one.shared,
        status=one.status,
        source=one.source,
    )


def _commodities(request: Request) -> Commodities:
    found: Commodities = request.app.state.commodities
    return found


router = APIRouter(prefix="/commodities", tags=["Commodities"], responses=PROBLEMS)


@router.get("", summary="The commodities")
async def commodities(found: Annotated[Commodities, Depends(_commodities)]) -> list[CommodityTermOut]:
    """All commodities of the CGI vocabulary."""
    return found.every()


@router.get("/{code}", summary="Everything known of a commodity")
async def commodity(code: str, found: Annotated[Commodities, Depends(_commodities)]) -> CommodityOut:
    """Labels, hierarchy, codes of HS, ISIC and INSPIRE, statistics and number of sites."""
    return await found(code)
