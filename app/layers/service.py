"""What is kept beside the rows of the layers, brought to what the declarations say now."""

import sqlalchemy as sa

from app.db.base import table_of
from app.db.roles import DatabaseUrls
from app.layers.declarations import read_declarations
from app.releases.datasets import lock_dataset
from app.releases.runs import refresh_runs
from app.releases.tallies import refresh_tallies
from app.releases.texts import refresh_texts


def refresh_layers(urls: DatabaseUrls) -> list[str]:
    """Write what is missing, and the texts of features where a layer's public fields have changed; layers touched."""
    engine = sa.create_engine(urls.app.sqlalchemy(), poolclass=sa.NullPool)
    refreshed = []
    for name, published in read_declarations().layers.items():
        with engine.begin() as connection:
            lock_dataset(connection, name)
            table, layer = table_of(published.model), published.layer
            written = [refresh(connection, table, layer) for refresh in (refresh_texts, refresh_runs, refresh_tallies)]
            if any(written):
                refreshed.append(name)
    engine.dispose()
    return refreshed
