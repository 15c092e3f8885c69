"""Drafts through the same engine as what is published: an OGC API of its own, for delegates.

Every read is done as the delegates' role with the token of whoever asks, so that PostgreSQL decides what they see.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from app.access.actors import Actor, acting
from app.access.credentials import credential_of
from app.access.doors import browser_of, decide_why
from app.access.setup import Access
from app.access.work import Work
from app.audit.service import Event
from app.db.base import table_of
from app.db.delegates import ACTING, DelegateReads
from app.errors import CollectionNotFoundError, NotAllowedError, NotSignedInError
from app.layers.catalogue import Catalogue
from app.layers.declarations import Declarations, PublishedLayer
from app.ogc.documents import Documents
from app.ogc.features import Features, item_systems
from app.ogc.item_query import CONCEPTS
from app.ogc.pages import ServicePages
from app.ogc.tiles import tile_address
from app.problems import problem
from app.regions import Region
from app.releases.states import State, partition
from app.rights.policies import Action, Kind, rights
from gis.filters import Concepts
from gis.layer import Field, FieldType, Layer
from gis.ogcapi.common import COMMON
from gis.ogcapi.features import features
from gis.ogcapi.frame import Frame
from gis.ogcapi.tiles import MVT
from gis.service import ServiceMetadata
from gis.tiles import TileReader

PATH = "/workspace/ogc"
SUBMISSION = Field("submission_id", FieldType.INTEGER, "Submission", "Number of the submission the row came with.")
"""Tells drafts of one submission from those of another; a query selects by it as by any field."""

Endpoint = Callable[[Request], Awaitable[Response]]

_PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "Vary": "Authorization, Cookie"}
_ASK = 'Basic realm="AMDIS: any name, and an API key as the password", charset="UTF-8"'


def drafts_of(one: PublishedLayer) -> PublishedLayer:
    """The drafts of a layer as a layer: all of its fields, and the submission."""
    layer = one.layer
    drafts = replace(
        layer,
        title=f"{layer.title}, drafts",
        table=partition(table_of(one.model), State.DRAFT),
        fields=(*(replace(field, public=True) for field in layer.fields), SUBMISSION),
        key_field="fid",
        rank_field=None,
        bands=(),
        text_table=None,
        run_table=None,
        tally_table=None,
        keyed_fields=frozenset(),
        past_table=None,
    )
    return replace(one, layer=drafts)


class Drafts:
    """The OGC API of drafts, each route of which asks who is there."""

    def __init__(
        self,
        access: Access,
        reads: DelegateReads,
        declarations: Declarations,
        region: Region,
        service: ServiceMetadata,
        pages: ServicePages,
    ) -> None:
        self._access = access
        self._reads = reads
        layers = {name: drafts_of(one) for name, one in declarations.layers.items()}
        self._catalogue = Catalogue(Declarations(layers, declarations.vocabularies), reads)
        self._service = replace(service, base_url=f"{service.base_url}/workspace", title=f"{service.title}, drafts")
        frame = _frame(self._service, {k: v.layer for k, v in layers.items()}, region)
        systems, concepts = item_systems(region), Concepts(declarations.vocabularies)
        address = f"{self._service.base_url}/ogc"
        self._documents = Documents(self._catalogue, frame, pages, address)
        self._items = Features(self._catalogue, reads, pages, address, systems, concepts, None)
        self._tiles = {name: TileReader(one.layer) for name, one in layers.items()}

    def routes(self) -> list[Route | Mount]:
        """Paths of the site."""
        documents = self._documents
        tile = Route("/collections/{collection}/tiles/{grid}/{zoom}/{row}/{column}", self.tile)
        inner = [*documents.routes(), *self._items.routes(), tile]
        guarded = [Route(one.path, self._guarded(one.endpoint)) for one in inner]
        return [Route(PATH, self._guarded(documents.landing)), Mount(PATH, routes=guarded)]

    async def tile(self, request: Request) -> Response:
        """A vector tile of a layer's drafts; 204 where nothing is."""
        layer = self._catalogue.layer(request.path_params["collection"])
        address = tile_address(request)
        made = await self._reads(lambda connection: self._tiles[layer.id].tile(connection, *address))
        return Response(made, 200 if made else 204, media_type=MVT)

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def serve(request: Request) -> Response:
            try:
                actor = await run_in_threadpool(self._actor, request)
            except NotSignedInError as error:
                refused = problem(401, str(error))
                refused.headers["WWW-Authenticate"] = _ASK
                return refused
            layer = request.path_params.get("collection")
            if layer is not None and actor.layers is not None and layer not in actor.layers:
                raise CollectionNotFoundError(f"There is no collection {layer!r} for this API key.")
            ACTING.set(actor.token)
            if request.url.path.endswith("/items") and "cursor" not in request.query_params:
                await run_in_threadpool(self._record, request, actor, str(layer))
            # Drafts change without a release: what a client has kept of them is never said to be true still.
            headers = [one for one in request.scope["headers"] if one[0] != b"if-none-match"]
            response = await endpoint(Request({**request.scope, "headers": headers}, request.receive))
            del response.headers["etag"]
            response.headers.update(_PRIVATE)
            return response

        return serve

    def _actor(self, request: Request) -> Actor:
        """Who asks. Raises NotSignedInError, NotAllowedError."""
        credential = credential_of(request)
        if credential is None:
            raise NotSignedInError("Drafts are for delegates: send an API key, or sign in at the workspace.")
        with self._access.connections.application() as connection:
            actor = acting(connection, credential.token)
        allowed = actor.role is not None and rights(actor.role, Kind.SUBMISSION, Action.READ)
        if not allowed or actor.limited or not actor.key_covers(Kind.SUBMISSION, Action.READ):
            raise NotAllowedError(decide_why(actor, Kind.SUBMISSION, Action.READ))
        return actor

    def _record(self, request: Request, actor: Actor, layer: str) -> None:
        """A line of the audit log for every page of drafts that somebody begins to read with."""
        with self._access.connections.application() as connection:
            work = Work(self._access, connection, actor, browser_of(request))
            detail: Mapping[str, object] = {"layer": layer, "key": actor.key, "query": request.url.query[:500]}
            work.record(Event("read drafts", Kind.SUBMISSION, layer, detail=detail))


def _frame(service: ServiceMetadata, layers: Mapping[str, Layer], region: Region) -> Frame:
    blocks = (COMMON, features(service.base_url, layers, list(item_systems(region)), CONCEPTS))
    return Frame(layers, service, region.box, blocks)
