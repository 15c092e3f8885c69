"""What WFS and WCS have in common: exception reports of OWS Common, and answers out of the mapfiles of downloads."""

# SPDX-License-Identifier: Apache-2.0

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response

from app.ogc.answers import tag_of
from app.problems import RETRY_AFTER
from gis.errors import MapServerUnavailableError
from gis.mapserver.catalogue import Catalogue, MapLayer
from gis.mapserver.exceptions import ServiceException
from gis.mapserver.fastcgi import Answer

XML = "text/xml; charset=UTF-8"

CAPABILITIES = "GetCapabilities"


class Asked(Protocol):
    """A checked request of one of the services."""

    @property
    def operation(self) -> str:
        """Name of the operation."""

    @property
    def layers(self) -> tuple[MapLayer, ...]:
        """The layers it names."""

    @property
    def key(self) -> tuple[object, ...]:
        """What the answer depends on, apart from the capabilities."""


@dataclass(frozen=True, slots=True)
class Reports:
    """The exception reports of a service.

    version: of the service. common: that of OWS Common. status: by the code of the exception where it is not 400.
    """

    version: str
    common: str
    status: Mapping[str, int]

    def of(self, error: ServiceException | MapServerUnavailableError) -> Response:
        """The report of a mistake, or that the service cannot answer now."""
        told = error if isinstance(error, ServiceException) else unavailable(error)
        status = self.status.get(told.code or "", 400) if told.available else 503
        return Response(told.ows(self.version, self.common), status, headers_of_exception(told), "text/xml")


def unavailable(error: MapServerUnavailableError) -> ServiceException:
    """The exception that says the service cannot answer now."""
    return ServiceException(None, str(error), available=False)


def headers_of_exception(error: ServiceException) -> dict[str, str]:
    """Headers of an exception: nobody keeps it, and when to ask again."""
    return {"Cache-Control": "no-store"} | ({} if error.available else {"Retry-After": str(RETRY_AFTER)})


def tag(asked: Asked, catalogue: Catalogue) -> str:
    """The same parameters and the same published data have the same answer."""
    return tag_of((asked.key, catalogue.mark if asked.operation == CAPABILITIES else ""))


def mapfile(asked: Asked, catalogue: Catalogue) -> str:
    """What a query calls the mapfile of a request: of the layers it names, or of all for the capabilities."""
    files = catalogue.downloads
    return files.whole() if asked.operation == CAPABILITIES else files.of(layer.id for layer in asked.layers)


def is_document(answer: Answer) -> bool:
    """Whether it is XML and no exception report."""
    return "xml" in answer.headers.get("content-type", "") and b"ExceptionReport" not in answer.body[:400]
