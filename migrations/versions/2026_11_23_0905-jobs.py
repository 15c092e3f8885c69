"""The tables and functions of the job queue, as Procrastinate brings them, in the schema `jobs`.

Procrastinate's own migrations, when a later version brings any, become scripts of their own here.
"""

# SPDX-License-Identifier: Apache-2.0

from alembic import op
from procrastinate.schema import SchemaManager

revision = "2026_11_23_0905"
down_revision = "2026_11_23_0900"


def upgrade() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("GRANT USAGE ON SCHEMA jobs TO amdis_app")
    op.execute("SET LOCAL search_path TO jobs, public")
    # Handed to the driver as it is: several statements, with percent signs that are no parameters.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  (offline mode has no connection and is not offered)
    connection.execute(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path TO public")


def downgrade() -> None:
    op.execute("DROP SCHEMA jobs CASCADE")
