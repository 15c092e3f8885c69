"""runs around a box: an index of their extents.

Runs while the previous version of AMDIS still serves: add first, remove in a later release. A lock waits 30 s at most.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0520"
down_revision = "2026_11_26_0130"


def upgrade() -> None:
    around = sa.text("box(point(west, south), point(east, north))")
    op.create_index("ix_run_around", "run", [around], postgresql_using="gist", schema="releases")


def downgrade() -> None:
    op.drop_index("ix_run_around", table_name="run", schema="releases")
