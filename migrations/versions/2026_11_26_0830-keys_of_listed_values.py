"""keys of listed values: the features of each value of a list, run by run.

The keys are written once the migrations are through. The previous version of AMDIS publishes without them, and what it
publishes would not be found by its commodities: where several hosts serve one database, all are stopped before the first
is updated.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_26_0830"
down_revision = "2026_11_26_0540"


def upgrade() -> None:
    op.create_table(
        "tally_run",
        sa.Column("tally", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.PrimaryKeyConstraint("tally", "run", name=op.f("pk_tally_run")),
        schema="releases",
    )


def downgrade() -> None:
    op.drop_table("tally_run", schema="releases")
