"""runs of following features, indexes in the order of the number.

Runs while the previous version of AMDIS still serves: add first, remove in a later release. A lock waits 30 s at most.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_2100"
down_revision = "2026_11_25_1451"

_ASKED = ("country", "admin1", "commodityGroup")
_POINTS = {
    "commodity_resource": ("country", "commodityGroup"),
    **dict.fromkeys(("mine", "mineral_deposit", "mineral_occurrence", "processing_plant"), _ASKED),
}
_SIDES = ("west", "south", "east", "north")


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        *(sa.Column(side, sa.Double(), nullable=False) for side in _SIDES),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "first", name=op.f("pk_run")),
        schema="releases",
    )
    for table, asked in _POINTS.items():
        # The index of the same name, which held no position.
        op.drop_index(f"ix_{table}_number", table_name=table, schema="minerals")
        beside = ["place", "commodityCodes"]
        op.create_index(f"ix_{table}_number", table, ["number"], schema="minerals", postgresql_include=beside)
        for field in asked:
            name = f"ix_{table}_{field}"
            op.create_index(name, table, [field, "number"], schema="minerals", postgresql_include=["place"])


def downgrade() -> None:
    for table, asked in _POINTS.items():
        for name in ("number", *asked):
            op.drop_index(f"ix_{table}_{name}", table_name=table, schema="minerals")
        op.create_index(f"ix_{table}_number", table, ["number"], schema="minerals")
    op.drop_table("run", schema="releases")
