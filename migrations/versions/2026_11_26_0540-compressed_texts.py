"""compressed texts: dictionaries that the texts of features are compressed with.

The texts themselves are written again once the migrations are through. The previous version of AMDIS cannot read them:
where several hosts serve one database, all are stopped before the first is updated.
"""

# SPDX-License-Identifier: Apache-2.0

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_0540"
down_revision = "2026_11_26_0520"


def upgrade() -> None:
    op.create_table(
        "feature_text_dictionary",
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=32768), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_feature_text_dictionary")),
        schema="releases",
    )


def downgrade() -> None:
    op.drop_table("feature_text_dictionary", schema="releases")
