"""The languages people are spoken to in: catalogues of messages, and numbers and dates as each writes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

CATALOGUES = Path(__file__).parent / "web" / "locales"
"""One file of messages a language, <language>.po; a region's own words are in the folder locales beside region.yml."""

TERMS = CATALOGUES / "terms"
"""The same for terms that their vocabularies have no label of in the language: translations of our own."""

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

    def moment(self, moment: datetime) -> str:
        """A moment as 3 May 2026 14:30 UTC."""
        utc = moment.astimezone(UTC)
        return f"{self.day(utc)} {format_skeleton('Hm', utc, locale=self.locale)} UTC"

    def to(self, path: str) -> str:
        """A path of the site that goes on in this language."""
        if not self.asked:
            return path
        address, mark, fragment = path.partition("#")
        return f"{address}{'&' if '?' in address else '?'}lang={quote(self.code)}{mark}{fragment}"


class Catalogues:
    """The languages there are catalogues for; English, that of the messages, is the first and the fallback."""

    def __init__(self, *folders: Path) -> None:
        self._found = {SOURCE: Language(SOURCE, Locale.parse(SOURCE), Translations())}
        for folder in folders:
            for path in sorted(folder.glob("*.po")):
                self._read(path)

    def __iter__(self) -> Iterator[Language]:
        return iter(self._found.values())

    def __contains__(self, code: str) -> bool:
        return code in self._found

    def __getitem__(self, code: str) -> Language:
        return self._found[code]

    def nearest_to(self, code: str) -> Language:
        """The language of a code, English where there is no catalogue of it."""
        return self._found.get(code, self._found[SOURCE])

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


@cache
def catalogues() -> Catalogues:
    """The languages of the system itself, without a region's own words; read when somebody is first spoken to."""
    return Catalogues(TERMS, CATALOGUES)


def _pattern(small: bool) -> str:
    return "@@#" if small else "#,##0.###"
