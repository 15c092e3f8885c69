"""OGC API - Styles: lists of styles, each style in its encodings, and the sprite of point shapes."""

# SPDX-License-Identifier: Apache-2.0

import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.clients import not_modified
from app.errors import StyleNotFoundError
from app.layers.catalogue import Catalogue
from app.layers.kept import Kept
from app.ogc.negotiation import negotiated
from app.ogc.pages import HTML, ServicePages
from app.ogc.parameters import OF_A_DOCUMENT, check_names
from gis.declaration import nearest
from gis.layer import Layer
from gis.ogcapi.styles import ENCODINGS, StyledLayer, legend_address, metadata, styles_document
from gis.style import Style
from gis.style.sprite import sprite_index, sprite_png

_LIST = {"json": "application/json", "html": HTML}
_STYLE = {name: encoding.media_type for name, encoding in ENCODINGS.items()} | {"html": HTML}
_METADATA = {"json": "application/json"}
_CACHE_BYTES = 8 * 2**20
_BRIEFLY = "public, max-age=60"
_DAY = {"Cache-Control": "public, max-age=86400"}


class Styles:
    """The styles as they are published now.

    base_url: public address of the site. release: of AMDIS itself, whose change may change what is written.
    """

    def __init__(self, catalogue: Catalogue, pages: ServicePages, base_url: str, release: str) -> None:
        self._catalogue = catalogue
        self._pages = pages
        self._base_url = base_url
        self._release = release
        self._kept = Kept(_CACHE_BYTES)

    def routes(self) -> list[Route]:
        """Paths below /ogc."""
        return [
            Route("/styles", self.all),
            Route("/styles/sprite.json", self.sprite_index),
            Route("/styles/sprite@2x.json", self.sprite_index),
            Route("/styles/sprite.png", self.sprite),
            Route("/styles/sprite@2x.png", self.sprite),
            Route("/styles/{style}", self.style),
            Route("/styles/{style}/metadata", self.metadata),
            Route("/collections/{collection}/styles", self.of_layer),
            Route("/collections/{collection}/styles/{style}", self.style),
        ]

    async def all(self, request: Request) -> Response:
        """All styles."""
        every = [self._styled(name) for name in self._catalogue.declared]
        return await self._list(request, every, f"{self._base_url}/ogc/styles")

    async def of_layer(self, request: Request) -> Response:
        """The styles of one layer, the default named."""
        one = self._styled(self._catalogue.layer(request.path_params["collection"]).id)
        address = f"{self._base_url}/ogc/collections/{one.layer.id}/styles"
        return await self._list(request, [one], address, one.layer)

    async def style(self, request: Request) -> Response:
        """One style in the encoding asked for, or as a page."""
        check_names(request.query_params, OF_A_DOCUMENT)
        of, style = self._named(request)
        asked = negotiated(request, _STYLE)

        def make() -> bytes:
            if asked != "html":
                return ENCODINGS[asked].write(of, style, self._base_url)
            legend = legend_address(of.layer, style)
            told = {"layer": of.layer, "style": style, "legend": legend, "encodings": ENCODINGS}
            return self._pages.page(request, "ogc/styles/style.html", **told).encode()

        file = f"{style.id}{ENCODINGS[asked].suffix}" if asked != "html" else ""
        return await self._respond(request, style.id, asked, _STYLE[asked], make, file)

    async def metadata(self, request: Request) -> Response:
        """What is told of one style."""
        check_names(request.query_params, OF_A_DOCUMENT)
        of, style = self._named(request)
        negotiated(request, _METADATA)
        return await self._respond(
            request, style.id, "metadata", "application/json", lambda: _json(metadata(of, style, self._base_url))
        )

    async def sprite_index(self, request: Request) -> Response:
        """Where each shape is in the sprite's picture."""
        return Response(json.dumps(sprite_index()), headers=_DAY, media_type="application/json")

    async def sprite(self, request: Request) -> Response:
        """The picture of all point shapes, the same for every density of pixels."""
        return Response(await run_in_threadpool(sprite_png), headers=_DAY, media_type="image/png")

    async def _list(
        self, request: Request, layers: list[StyledLayer], address: str, of: Layer | None = None
    ) -> Response:
        """The styles of some layers. of: the layer whose they are, None for all."""
        check_names(request.query_params, OF_A_DOCUMENT)
        asked = negotiated(request, _LIST)

        def make() -> bytes:
            if asked == "html":
                return self._pages.page(request, "ogc/styles/index.html", of=of, layers=layers).encode()
            return _json(styles_document(layers, self._base_url, address))

        return await self._respond(request, address, asked, _LIST[asked], make)

    def _styled(self, name: str) -> StyledLayer:
        now = self._catalogue.snapshot
        state = now.states[name]
        return StyledLayer(now.layers[name], now.styles[name], state.extent, state.published_at)

    def _named(self, request: Request) -> tuple[StyledLayer, Style]:
        """The style a path names, below its layer or alone. Raises CollectionNotFoundError, StyleNotFoundError."""
        name, collection = request.path_params["style"], request.path_params.get("collection")
        names = [self._catalogue.layer(collection).id] if collection else list(self._catalogue.declared)
        layers = [self._styled(one) for one in names]
        for one in layers:
            style = one.style(name)
            if style:
                return one, style
        known = [style.id for one in layers for style in one.styles]
        where = f" of {collection!r}" if collection else ""
        raise StyleNotFoundError(f"There is no style {name!r}{where}{nearest(name, known)}.")

    async def _respond(
        self, request: Request, what: str, asked: str, media_type: str, make: Callable[[], bytes], file: str = ""
    ) -> Response:
        """The answer, made once a publication, or 304 to a client that has it. file: name to save it under."""
        language = self._pages.language(request) if asked == "html" else ""
        kind = f"{asked}-{language}" if language else asked
        version = self._catalogue.snapshot.version
        etag = f'W/"{self._release}-{version}-{kind}"'
        vary = "Accept, Accept-Language" if language else "Accept"
        headers = {"Vary": vary, "ETag": etag, "Cache-Control": _BRIEFLY, "Content-Language": language or "en"}
        if file:
            headers["Content-Disposition"] = f'inline; filename="{file}"'
        if known := not_modified(request, headers):
            return known
        # The links of a page depend on its address: they go on in a language that was asked for.
        key = f"{request.url.path}?{request.url.query}" if language else what
        body = await self._kept.body(version, f"{kind} {key}", make)
        return Response(body, headers=headers, media_type=media_type)


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
