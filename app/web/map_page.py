"""The page of the map, with the words that its layers, styles and terms have in the reader's language."""

from collections.abc import Iterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.layers.catalogue import Catalogue
from app.regions import Region
from app.web.kept_pages import KeptPages
from app.web.languages import SOURCE, Labels, Language, label
from app.web.pages import Pages, capitalised
from gis.layer import Layer
from gis.style import Style
from gis.vocabulary import Vocabulary

_HTML = "text/html; charset=utf-8"


class MapPage:
    """``/map``"""

    def __init__(
        self, pages: Pages, region: Region, catalogue: Catalogue, vocabularies: Mapping[str, Vocabulary]
    ) -> None:
        self._pages = pages
        self._region = region
        self._catalogue = catalogue
        self._vocabularies = vocabularies
        self._kept = KeptPages(pages.site.version, lambda: catalogue.snapshot.version)

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/map", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The map."""
        language, address = self._pages.languages.of(request), self._pages.addresses(request)

        def made() -> bytes:
            words = self.words(language)
            return self._pages.render("map.html", language, words=words, address=address).encode()

        return await self._kept.respond(request, language, lambda: run_in_threadpool(made), _HTML)

    def words(self, language: Language) -> Mapping[str, str]:
        """What the application shows of layers, by its English words; those alone that differ."""
        if language.code == SOURCE:
            return {}
        found: dict[str, str] = {}
        for name, vocabulary in self._vocabularies.items():
            found.update(_terms(vocabulary, self._pages.terms.labels.get(name, {}), language))
        # A title of a class is a term of a vocabulary, or else a message.
        found |= {text: said for text in self._texts() if (said := language.text(text)) != text}
        return {text: said for text, said in found.items() if said != text}

    def _texts(self) -> Iterator[str]:
        region, now = self._region, self._catalogue.snapshot
        yield from (region.description, region.disclaimer, *(one.name for one in region.members))
        yield from (one.title for one in region.rasters)
        for declared in self._catalogue.declared.values():
            yield declared.group
            yield from _of_layer(now.layers[declared.layer.id])
            for style in now.styles[declared.layer.id]:
                yield from _of_style(style)


def _of_layer(layer: Layer) -> Iterator[str]:
    yield from (layer.title, layer.abstract, layer.licence)
    yield from (one.title for one in layer.public_fields)


def _of_style(style: Style) -> Iterator[str]:
    yield from (style.title, style.abstract)
    yield from (one.title for one in style.classes)


def _terms(vocabulary: Vocabulary, labels: Labels, language: Language) -> Iterator[tuple[str, str]]:
    for code, term in vocabulary.terms.items():
        said = label(labels, code, term.label, language)
        yield term.label, said
        yield capitalised(term.label), capitalised(said)
