"""The languages of the pages: which one a request gets, and terms in it."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.datastructures import URL
from starlette.requests import Request

from app.languages import CATALOGUES, SOURCE, TERMS, Catalogues, Language, message
from gis.declaration import nearest
from gis.errors import InvalidParameterError

__all__ = ["CATALOGUES", "SOURCE", "TERMS", "Labels", "Language", "Languages", "in_language", "label", "message"]


class Languages(Catalogues):
    """The languages there are catalogues for, by what a request asks for."""

    def of(self, request: Request) -> Language:
        """The language of ?lang=, or the first that Accept-Language names and there is, or English.

        Raises InvalidParameterError for a language there is not.
        """
        asked = request.query_params.get("lang")
        if asked is None:
            return self._accepted(request)
        if asked not in self:
            known = [one.code for one in self]
            told = f"lang: {asked[:20]!r} is none of {', '.join(known)}{nearest(asked, known)}."
            raise InvalidParameterError("lang", told)
        return replace(self[asked], asked=True)

    def nearest(self, request: Request) -> Language:
        """As ``of``, but for a language there is not that of Accept-Language: a page on a mistake must not fail."""
        asked = request.query_params.get("lang", "")
        return self.of(request) if asked in self else self._accepted(request)

    def _accepted(self, request: Request) -> Language:
        accepted = _accepted(request.headers.get("accept-language", ""))
        return self[next((code for code in accepted if code in self), SOURCE)]


def in_language(path: str, query: str, code: str) -> str:
    """The address of a page in another language, as a path."""
    url = URL(path=path, query=query).include_query_params(lang=code)
    return f"{url.path}?{url.query}"


def _accepted(header: str) -> list[str]:
    """Primary tags of an Accept-Language header, the most wanted first."""
    weighed: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        weight = _weight(parameter)
        if weight > 0 and tag.strip():
            weighed.append((weight, tag.strip().lower().split("-")[0]))
    return [code for _, code in sorted(weighed, key=lambda one: -one[0])]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


Labels = Mapping[str, Mapping[str, str]]
"""Labels of codes by language, as app.minerals.vocabularies reads them."""


def label(labels: Labels, code: str, english: str, language: Language) -> str:
    """A term in a language: by the label its vocabulary has, else by the message of the catalogues, else in English."""
    return labels.get(code, {}).get(language.code) or language.text(english)
