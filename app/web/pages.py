"""Pages made on the server from templates, and the words and files that all of them share."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.layers.pictures import preview_address
from app.web.languages import CATALOGUES, SOURCE, Language, Languages
from app.web.static import Entry

TEMPLATES = Path(__file__).resolve().parents[2] / "frontend" / "templates"
OGC_TEMPLATES = TEMPLATES / "ogc"
"""Templates under the names pygeoapi asks for; they need ``site`` in its configuration."""

_ADVICE: Mapping[int, str] = {
    404: "Check the address, or start again from one of the pages below.",
    406: "Ask for another format, or leave the format out.",
    500: "It has been recorded. Please try again later.",
    503: "Please try again in a moment.",
}
_FALLBACK_ADVICE = "Check the request, or start again from one of the pages below."


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
    """Renders templates for one site, in the languages there are."""

    def __init__(self, site: Site, languages: Languages | None = None, templates: Path = TEMPLATES) -> None:
        self.site = site
        self.languages = languages or Languages(CATALOGUES)
        loader = FileSystemLoader(templates)
        self._environments = {one.code: self._environment(loader, one) for one in self.languages}

    def render(self, template: str, language: Language | None = None, /, **values: Any) -> str:
        """The page of a template as HTML. language: English where the page is not translated."""
        language = language or self.languages[SOURCE]
        found = self._environments[language.code].get_template(template)
        return found.render(language=language, to=language.to, **values)

    def error(self, status: int, detail: str) -> str:
        """The page that says what went wrong and what to do."""
        advice = _ADVICE.get(status, _FALLBACK_ADVICE)
        return self.render("error.html", status=status, title=_title(status), detail=detail, advice=advice)

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
        environment.globals |= {"site": self.site, "preview_address": preview_address, "languages": self.languages}
        environment.filters |= {
            "thousands": language.number,
            "number": language.number,
            "percent": language.percent,
            "day": language.day,
            "translated": language.text,
            "capitalised": capitalised,
        }
        return environment


def capitalised(label: str) -> str:
    """A label as it starts a line; the rest of it stays as it is."""
    return label[:1].upper() + label[1:]


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
