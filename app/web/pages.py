"""Pages made on the server from templates, and the words and files that all of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.layers.pictures import preview_address
from app.web.languages import CATALOGUES, SOURCE, Language, Languages, in_language, message
from app.web.static import Entry
from app.web.terms import Terms

TEMPLATES = Path(__file__).resolve().parents[2] / "frontend" / "templates"

_TITLES: Mapping[int, str] = {
    400: message("Invalid request"),
    401: message("Not signed in"),
    403: message("Not allowed"),
    404: message("Not found"),
    405: message("Method not allowed"),
    406: message("Not acceptable"),
    409: message("Conflict"),
    410: message("Gone"),
    413: message("Too large"),
    429: message("Too many tries"),
    500: message("Internal error"),
    503: message("Not available now"),
}
_OTHER_TITLE = message("Error")
_ADVICE: Mapping[int, str] = {
    401: message("Sign in, or start again from one of the pages below."),
    404: message("Check the address, or start again from one of the pages below."),
    406: message("Ask for another format, or leave the format out."),
    500: message("It has been recorded. Please try again later."),
    503: message("Please try again in a moment."),
}
_OTHER_ADVICE = message("Check the request, or start again from one of the pages below.")


@dataclass(frozen=True, slots=True)
class Site:
    """What every page says of the system.

    region_id: of its folder and its QGIS project. base_url: its public address, without a slash at the end.
    """

    name: str
    region: str
    description: str
    disclaimer: str
    licence: str
    contact: str
    email: str
    version: str
    base_url: str
    entries: Mapping[str, Entry]
    region_id: str

    @property
    def title(self) -> str:
        """The full name: that of the region and what the letters of the system's own stand for."""
        return f"{self.region} Minerals Information System"


class Pages:
    """Renders templates for one site, in the languages there are. terms: those that values of features are."""

    def __init__(self, site: Site, languages: Languages | None = None, terms: Terms | None = None) -> None:
        self.site = site
        self.languages = languages or Languages(CATALOGUES)
        self.terms = terms or Terms({})
        loader = FileSystemLoader(TEMPLATES)
        self._environments = {one.code: self._environment(loader, one) for one in self.languages}

    def render(self, template: str, language: Language | None = None, /, **values: Any) -> str:
        """The page of a template as HTML. language: English by default."""
        language = language or self.languages[SOURCE]
        found = self._environments[language.code].get_template(template)
        return found.render(language=language, to=language.to, **values)

    def language(self, request: Request) -> str:
        """The code of the language a reader gets a page in. Raises InvalidParameterError for one there is not."""
        return self.languages.of(request).code

    def page(self, request: Request, template: str, /, **values: Any) -> str:
        """The page of a template in the reader's language, for answers that say themselves how long they are true.

        Raises InvalidParameterError for a language there is not.
        """
        return self.render(template, self.languages.of(request), address=self.addresses(request), **values)

    def respond(self, request: Request, template: str, /, status: int = 200, **values: Any) -> Response:
        """The page of a template in the reader's language; for pages that are made at each request."""
        language = self.languages.nearest(request)
        values.setdefault("address", self.addresses(request))
        page = self.render(template, language, status=status, **values)
        # Figures in a page change with every release.
        headers = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language", "Content-Language": language.code}
        return HTMLResponse(page, status, headers)

    def error(self, request: Request, status: int, detail: str) -> Response:
        """The page that says what went wrong and what to do. detail: empty where nothing is at the address."""
        title, advice = _TITLES.get(status, _OTHER_TITLE), _ADVICE.get(status, _OTHER_ADVICE)
        path = request.url.path
        return self.respond(request, "error.html", status, title=title, detail=detail, advice=advice, path=path)

    @staticmethod
    def addresses(request: Request) -> Callable[[str], str]:
        """Where the page of a request is in another language, by its code."""
        path, query = request.url.path, request.url.query
        return lambda code: in_language(path, query, code)

    def _environment(self, loader: FileSystemLoader, language: Language) -> Environment:
        environment = Environment(
            loader=loader,
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(language.translations, newstyle=False)  # type: ignore[attr-defined]
        environment.policies["ext.i18n.trimmed"] = True
        environment.globals |= {
            "site": self.site,
            "preview_address": preview_address,
            "languages": self.languages,
            "said": partial(self.terms.said, language),
        }
        environment.filters |= {
            "thousands": language.number,
            "number": language.number,
            "percent": language.percent,
            "day": language.day,
            "degrees": language.degrees,
            "translated": language.text,
            "capitalised": capitalised,
        }
        return environment


def capitalised(label: str) -> str:
    """A label as it starts a line; the rest of it stays as it is."""
    return label[:1].upper() + label[1:]
