"""tallies: features of a layer by the values of a few fields.

Runs while the previous version of AMDIS still serves: add first, remove in a later release. A lock waits 30 s at most.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0130"
down_revision = "2026_11_25_2159"


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("number", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tally")),
        schema="releases",
    )
    op.create_index("ix_tally_layer", "tally", ["layer", "field"], schema="releases")
    op.create_table(
        "tally_part",
        sa.Column("tally", sa.Integer(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False),
        sa.Column("share", sa.REAL(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tally"], ["releases.tally.number"], name=op.f("fk_tally_part_tally_tally"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tally", "stretch", name=op.f("pk_tally_part")),
        schema="releases",
    )


def downgrade() -> None:
    op.drop_table("tally_part", schema="releases")
    op.drop_table("tally", schema="releases")
