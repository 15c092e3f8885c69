"""The languages of the pages: catalogues of messages, which one a request gets, numbers and dates as it writes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from starlette.datastructures import URL
from starlette.requests import Request

from gis.declaration import nearest
from gis.errors import InvalidParameterError

CATALOGUES = Path(__file__).parent / "locales"
"""One file of messages a language, <language>.po; a region's own words are in the folder locales beside region.yml."""

SOURCE = "en"
"""The language of the messages themselves."""

_SMALL = 1.0


def message(text: str) -> str:
    """Mark a text as a message of the catalogues; where it is shown, Language.text translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages. asked: the reader chose it by ?lang=, so links must go on in it."""

    code: str
    locale: Locale
    translations: Translations
    asked: bool = False

    @property
    def name(self) -> str:
        """What the language calls itself: each catalogue has its own name for the one of the messages."""
        return self.text(message("English"))

    @property
    def direction(self) -> str:
        """ltr or rtl, for the attribute dir."""
        return "rtl" if self.locale.character_order == "right-to-left" else "ltr"

    def text(self, text: str, **values: object) -> str:
        """A message in this language, with values for its %(names)s; itself where there is no translation."""
        # The empty message is the catalogue's own head.
        found = self.translations.ugettext(text) if text else ""
        return found % values if values else found

    def number(self, value: float) -> str:
        """1234.5 as 1,234.5: at most three decimals, or three digits of a value below 1."""
        small = 0 < abs(value) < _SMALL
        return str(format_decimal(value, "0.###" if small and abs(value) >= 0.01 else _pattern(small), self.locale))

    def percent(self, fraction: float) -> str:
        """0.1234 as 12.3 %."""
        return str(format_percent(fraction, "#,##0.#%", locale=self.locale))

    def degrees(self, value: float) -> str:
        """12.3 as 12.30: an angle of a box."""
        return str(format_decimal(value, "0.00", self.locale))

    def day(self, moment: str | date) -> str:
        """A date, or an ISO 8601 time, as 3 May 2026."""
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return str(format_date(parsed, "d MMMM y", locale=self.locale))

    def to(self, path: str) -> str:
        """A path of the site that goes on in this language."""
        if not self.asked:
            return path
        address, mark, fragment = path.partition("#")
        return f"{address}{'&' if '?' in address else '?'}lang={quote(self.code)}{mark}{fragment}"


class Languages:
    """The languages there are catalogues for; English, that of the messages, is the first and the fallback."""

    def __init__(self, *folders: Path) -> None:
        self._found = {SOURCE: Language(SOURCE, Locale.parse(SOURCE), Translations())}
        for folder in folders:
            for path in sorted(folder.glob("*.po")):
                self._read(path)

    def __iter__(self) -> Iterator[Language]:
        return iter(self._found.values())

    def __getitem__(self, code: str) -> Language:
        return self._found[code]

    def of(self, request: Request) -> Language:
        """The language of ?lang=, or the first that Accept-Language names and there is, or English.

        Raises InvalidParameterError for a language there is not.
        """
        asked = request.query_params.get("lang")
        if asked is None:
            return self._accepted(request)
        if asked not in self._found:
            known = list(self._found)
            told = f"lang: {asked[:20]!r} is none of {', '.join(known)}{nearest(asked, known)}."
            raise InvalidParameterError("lang", told)
        return replace(self._found[asked], asked=True)

    def nearest(self, request: Request) -> Language:
        """As ``of``, but for a language there is not that of Accept-Language: a page on a mistake must not fail."""
        asked = request.query_params.get("lang", "")
        return self.of(request) if asked in self._found else self._accepted(request)

    def _accepted(self, request: Request) -> Language:
        accepted = _accepted(request.headers.get("accept-language", ""))
        return self._found[next((code for code in accepted if code in self._found), SOURCE)]

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        translations = Translations(compiled)
        known = self._found.get(path.stem)
        if known is None:
            self._found[path.stem] = Language(path.stem, Locale.parse(path.stem, sep="-"), translations)
        else:
            known.translations.merge(translations)


def in_language(path: str, query: str, code: str) -> str:
    """The address of a page in another language, as a path."""
    url = URL(path=path, query=query).include_query_params(lang=code)
    return f"{url.path}?{url.query}"


def _pattern(small: bool) -> str:
    return "@@#" if small else "#,##0.###"


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
    """A term in a language, in English where the vocabulary has no label of it."""
    return labels.get(code, {}).get(language.code, english)
