"""The statistics as a dataset of the catalogue: what they are, and the ways to get them."""

# SPDX-License-Identifier: Apache-2.0

from app.layers.distributions import features_service
from app.layers.records import PublishedTable
from app.ogc.figure_query import CUBE
from app.statistics.figures import PATH
from gis.ogcapi.tables import CSV
from gis.records import Access, Distribution


def published_figures(base_url: str) -> PublishedTable:
    """The figures of a server at ``base_url``."""

    def api(query: str = "") -> Distribution:
        return Distribution(
            title="Statistics API: JSON, CSV, SDMX and JSON-stat",
            href=f"{base_url}{PATH}/observations{query}",
            access=Access.SERVICE,
            media_type="application/json",
            format="JSON",
        )

    whole = Distribution(
        title="CSV",
        href=f"{base_url}/ogc/collections/{CUBE.id}/items?f=csv",
        access=Access.DOWNLOAD,
        media_type=CSV,
        format="CSV",
    )
    return PublishedTable(
        layer=CUBE,
        group="Statistics",
        topic="economy",
        distributions=(features_service(CUBE, base_url), api(), whole),
        of_release=lambda number: (api(f"?release={number}"),),
    )
