"""slices of a country and commodity.

Runs while the previous version of AMDIS still serves: add first, remove in a later release. A lock waits 30 s at most.
"""

# SPDX-License-Identifier: Apache-2.0

from alembic import op

revision = "2026_11_25_2159"
down_revision = "2026_11_25_2100"

_INDEX, _TABLE = "ix_observation_country", "observation"


def upgrade() -> None:
    """Figures of a country and commodity are found together; those of a country and indicator the key finds."""
    op.drop_index(_INDEX, table_name=_TABLE, schema="statistics")
    op.create_index(_INDEX, _TABLE, ["country", "commodity", "year"], schema="statistics")


def downgrade() -> None:
    """Found by country and indicator again."""
    op.drop_index(_INDEX, table_name=_TABLE, schema="statistics")
    op.create_index(_INDEX, _TABLE, ["country", "indicator", "year"], schema="statistics")
