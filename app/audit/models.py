"""The audit log. A trigger numbers, dates and chains each line; nobody may change or remove one."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.rights.guards import Guard, reaching
from app.rights.policies import Action, Kind

SCHEMA = "audit"

_SEARCHED = "lower(name || ' ' || action || ' ' || kind || ' ' || object || ' ' || CAST(detail AS text))"
_WRITTEN = ("person_id", "name", "role", "country", "action", "kind", "object", "outcome", "detail", "address")


class Line(Base):
    """Something that was done or refused. number, at and hash are the trigger's, and for a delegate's connection also
    who did it.

    kind, object: what it was done to, as app.rights.policies names it, and its id. country: the member state concerned.
    outcome: done, refused or failed. searched: what a search looks through.
    hash: SHA-256 over the hash of the line before and what the line says.
    """

    __tablename__ = "line"
    __table_args__ = (
        sa.Index("ix_line_at", "at"),
        sa.Index("ix_line_person_id", "person_id", "number"),
        sa.Index("ix_line_country", "country", "number"),
        sa.Index("ix_line_action", "action", "number"),
        {
            "schema": SCHEMA,
            "info": {
                "application_may_not": ("UPDATE", "DELETE"),
                "guards": (
                    Guard("SELECT", reaching(Kind.AUDIT, Action.READ)),
                    Guard("INSERT", "(SELECT access.acting_person()) IS NOT NULL", _WRITTEN),
                ),
            },
        },
    )

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False, server_default="0")
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(server_default="")
    role: Mapped[str] = mapped_column(server_default="")
    country: Mapped[str | None]
    action: Mapped[str]
    kind: Mapped[str]
    object: Mapped[str] = mapped_column(server_default="")
    outcome: Mapped[str] = mapped_column(server_default="done")
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    address: Mapped[str] = mapped_column(server_default="")
    hash: Mapped[bytes]
    searched: Mapped[str] = mapped_column(sa.Computed(_SEARCHED, persisted=True))


class Seal(Base):
    """The chain as it was up to a line, signed with the system's key: whoever writes it anew cannot sign it."""

    __tablename__ = "seal"
    __table_args__ = {"schema": SCHEMA, "info": {"application_may_not": ("UPDATE", "DELETE")}}

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(server_default=sa.func.clock_timestamp())
    signature: Mapped[bytes]
