"""What each role may do with what is made from now on.

The roles themselves are made by app.db.bootstrap, as the administrator; this runs as amdis_owner.
"""

# SPDX-License-Identifier: Apache-2.0

from alembic import op

revision = "2026_11_23_0900"
down_revision = None

# The application reads and writes rows of every table. The public role gets nothing by itself: each migration that
# makes something public grants it by name. Functions are not for everybody either, as PostgreSQL would have it.
_RIGHTS = (
    "ALTER DEFAULT PRIVILEGES {grant} SELECT, INSERT, UPDATE, DELETE ON TABLES {to} amdis_app",
    "ALTER DEFAULT PRIVILEGES {grant} USAGE, SELECT ON SEQUENCES {to} amdis_app",
    "ALTER DEFAULT PRIVILEGES {grant} EXECUTE ON FUNCTIONS {to} amdis_app",
)


def upgrade() -> None:
    for right in _RIGHTS:
        op.execute(right.format(grant="GRANT", to="TO"))
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA amdis TO amdis_app, amdis_public")
    op.execute("GRANT SELECT ON amdis.alembic_version TO amdis_app, amdis_public")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON amdis.alembic_version FROM amdis_app, amdis_public")
    op.execute("REVOKE USAGE ON SCHEMA amdis FROM amdis_app, amdis_public")
    op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    for right in _RIGHTS:
        op.execute(right.format(grant="REVOKE", to="FROM"))
