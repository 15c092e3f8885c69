"""People, mandates and what they sign in with.

Secrets stand in tables of their own that no delegate's connection can read; tokens are kept as SHA-256 only.
"""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.rights.guards import Guard, reaching
from app.rights.policies import POLICIES, Action, Kind
from app.rights.roles import TERMS, Trust

SCHEMA = "access"
_NOW = sa.func.now()
_NATIONAL = ", ".join(f"'{role.value}'" for role, terms in TERMS.items() if terms.national)
_REGIONAL = ", ".join(f"'{role.value}'" for role, terms in TERMS.items() if terms.national is False)
_ADMINISTRATION = ", ".join(f"'{role.value}'" for role, terms in TERMS.items() if terms.trust is Trust.ADMINISTRATION)
_TRUST = f"CASE WHEN role IN ({_ADMINISTRATION}) THEN '{Trust.ADMINISTRATION}' ELSE '{Trust.WORK}' END"


def _id() -> Mapped[int]:
    return mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)


def _person(*, unique: bool = False) -> Mapped[int]:
    return mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"), index=not unique, unique=unique)


def _guarded(*parts: Any, guards: tuple[Guard, ...] = ()) -> tuple[Any, ...]:
    return (*parts, {"schema": SCHEMA, "info": {"guards": guards}})


class Organisation(Base):
    """A ministry, survey or body that delegates people. country: its member state, None for one of the region."""

    __tablename__ = "organisation"
    __table_args__ = _guarded(
        sa.Index("uq_organisation_name", sa.text("lower(name)"), sa.text("coalesce(country, '')"), unique=True),
        guards=(
            Guard("SELECT", reaching(Kind.ORGANISATION, Action.READ, owner=None)),
            Guard("INSERT", reaching(Kind.ORGANISATION, Action.CREATE, owner=None), ("name", "country", "url")),
            Guard("UPDATE", reaching(Kind.ORGANISATION, Action.UPDATE, owner=None), ("name", "url")),
        ),
    )

    id: Mapped[int] = _id()
    name: Mapped[str]
    country: Mapped[str | None]
    url: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)


class Person(Base):
    """Somebody with an account. country: the member state that manages it, None for the secretariat.

    closed_at: since when the account is closed for good.
    """

    __tablename__ = "person"
    __table_args__ = _guarded(
        sa.Index("uq_person_email", sa.text("lower(email)"), unique=True),
        sa.Index("ix_person_name", sa.text("name gin_trgm_ops"), postgresql_using="gin"),
        guards=(
            Guard("SELECT", reaching(Kind.PERSON, Action.READ, owner="id")),
            Guard("INSERT", reaching(Kind.PERSON, Action.CREATE, owner=None), ("name", "email", "country", "language")),
            Guard("UPDATE", reaching(Kind.PERSON, Action.CLOSE, owner=None), ("closed_at",)),
        ),
    )

    id: Mapped[int] = _id()
    name: Mapped[str]
    email: Mapped[str]
    country: Mapped[str | None] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(server_default="en")
    digest: Mapped[bool] = mapped_column(server_default=sa.true())
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    closed_at: Mapped[datetime | None]


class Mandate(Base):
    """What a person may do, for whom and how long: from the start of the first day to the end of the last, in UTC.

    trust follows from the role. ended_at: when it was ended before its last day, or its work was handed over after it.
    successor_id: the mandate that the open work went to.
    """

    __tablename__ = "mandate"
    __table_args__ = _guarded(
        sa.CheckConstraint("ends >= starts", name="order"),
        sa.CheckConstraint(f"role NOT IN ({_NATIONAL}) OR country IS NOT NULL", name="national"),
        sa.CheckConstraint(f"role NOT IN ({_REGIONAL}) OR country IS NULL", name="regional"),
        ExcludeConstraint(
            ("person_id", "="),
            ("role", "="),
            (sa.text("coalesce(country, '')"), "="),
            (sa.text("daterange(starts, ends, '[]')"), "&&"),
            where=sa.text("ended_at IS NULL"),
            name="ex_mandate_overlap",
        ),
        sa.Index("ix_mandate_ends", "ends", postgresql_where=sa.text("ended_at IS NULL")),
        guards=(
            Guard("SELECT", reaching(Kind.MANDATE, Action.READ)),
            Guard(
                "INSERT",
                reaching(Kind.MANDATE, Action.CREATE, owner=None, state="trust"),
                ("person_id", "organisation_id", "role", "country", "starts", "ends", "granted_by"),
            ),
            Guard(
                "UPDATE",
                f"({reaching(Kind.MANDATE, Action.RENEW, owner=None, state='trust')})"
                f" OR ({reaching(Kind.MANDATE, Action.END, owner=None, state='trust')})",
                ("ends", "ended_at", "ended_reason", "successor_id"),
            ),
        ),
    )

    id: Mapped[int] = _id()
    person_id: Mapped[int] = _person()
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey(f"{SCHEMA}.organisation.id"), index=True)
    role: Mapped[str]
    country: Mapped[str | None]
    trust: Mapped[str] = mapped_column(sa.Computed(_TRUST, persisted=True))
    starts: Mapped[date]
    ends: Mapped[date]
    granted_by: Mapped[int | None] = mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"))
    granted_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(server_default="")
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey(f"{SCHEMA}.mandate.id"))


class Invitation(Base):
    """A link, good for one use, by which a person opens the account they were given."""

    __tablename__ = "invitation"
    __table_args__ = _guarded(
        guards=(
            Guard(
                "SELECT",
                reaching(Kind.INVITATION, Action.READ, owner=None, state="trust"),
                ("id", "person_id", "country", "trust", "expires_at", "used_at", "revoked_at", "created_at"),
            ),
            Guard(
                "INSERT",
                reaching(Kind.INVITATION, Action.CREATE, owner=None, state="trust"),
                ("person_id", "country", "trust", "token_hash", "expires_at", "created_by"),
            ),
            Guard("UPDATE", reaching(Kind.INVITATION, Action.END, owner=None, state="trust"), ("revoked_at",)),
        ),
    )

    id: Mapped[int] = _id()
    person_id: Mapped[int] = _person()
    country: Mapped[str | None]
    trust: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)


class Session(Base):
    """A signed-in browser. idle_until moves with its use; limited: it may only set up a second factor.

    methods: how the person signed in (pwd, otp, recovery, passkey, sso).
    """

    __tablename__ = "session"
    __table_args__ = _guarded(
        guards=(
            Guard(
                "SELECT",
                reaching(Kind.SESSION, Action.READ),
                (
                    *("id", "person_id", "country", "mandate_id", "created_at", "seen_at", "idle_until"),
                    *("expires_at", "ended_at", "address", "agent", "methods", "limited"),
                ),
            ),
            Guard("UPDATE", reaching(Kind.SESSION, Action.END), ("ended_at", "ended_reason")),
        )
    )

    id: Mapped[int] = _id()
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[int] = _person()
    country: Mapped[str | None]
    mandate_id: Mapped[int | None] = mapped_column(sa.ForeignKey(f"{SCHEMA}.mandate.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    idle_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    proved_at: Mapped[datetime] = mapped_column(server_default=_NOW, comment="when the person last proved who they are")
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    agent: Mapped[str] = mapped_column(server_default="")
    methods: Mapped[list[str]]
    limited: Mapped[bool] = mapped_column(server_default=sa.false())


class ApiKey(Base):
    """A key with which a program acts for a person under one mandate. layers: those it may read, None is all.

    start: its first characters, by which its owner knows it.
    """

    __tablename__ = "api_key"
    __table_args__ = _guarded(
        guards=(
            Guard(
                "SELECT",
                reaching(Kind.API_KEY, Action.READ),
                (
                    *("id", "person_id", "country", "mandate_id", "name", "start", "layers", "scopes", "created_at"),
                    *("expires_at", "last_used_at", "revoked_at"),
                ),
            ),
            Guard("UPDATE", reaching(Kind.API_KEY, Action.END), ("revoked_at",)),
        )
    )

    id: Mapped[int] = _id()
    secret_hash: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[int] = _person()
    country: Mapped[str | None]
    mandate_id: Mapped[int] = mapped_column(sa.ForeignKey(f"{SCHEMA}.mandate.id"), index=True)
    name: Mapped[str]
    start: Mapped[str]
    layers: Mapped[list[str] | None]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Password(Base):
    """A person's password as an argon2id hash."""

    __tablename__ = "password"
    __table_args__ = _guarded()

    person_id: Mapped[int] = mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"), primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=_NOW)


class Totp(Base):
    """A person's time-based one-time passwords. secret: encrypted. last_step: of the last code, never taken again."""

    __tablename__ = "totp"
    __table_args__ = _guarded()

    person_id: Mapped[int] = mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"), primary_key=True)
    secret: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")


class RecoveryCode(Base):
    """A code that stands for a second factor once."""

    __tablename__ = "recovery_code"
    __table_args__ = _guarded()

    id: Mapped[int] = _id()
    person_id: Mapped[int] = _person()
    hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential."""

    __tablename__ = "passkey"
    __table_args__ = _guarded()

    id: Mapped[int] = _id()
    person_id: Mapped[int] = _person()
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    transports: Mapped[list[str]] = mapped_column(ARRAY(sa.Text()))
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    last_used_at: Mapped[datetime | None]


class Identity(Base):
    """Who a person is at the provider of single sign-on."""

    __tablename__ = "identity"
    __table_args__ = _guarded(sa.UniqueConstraint("issuer", "subject"))

    id: Mapped[int] = _id()
    person_id: Mapped[int] = _person()
    issuer: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)


class Challenge(Base):
    """A step of signing in that waits for its answer, once: a code, a passkey, a provider's reply, a reset's link.

    purpose: which step. data: what the answer is checked against; nothing secret in the clear.
    """

    __tablename__ = "challenge"
    __table_args__ = _guarded()

    id: Mapped[int] = _id()
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey(f"{SCHEMA}.person.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")


class Failure(Base):
    """An attempt to sign in that failed; key tells by whom, as a keyed hash."""

    __tablename__ = "failure"
    __table_args__ = _guarded(sa.Index("ix_failure_key", "key", "at"))

    id: Mapped[int] = _id()
    key: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=_NOW)


class PolicyRow(Base):
    """The table of rights as the database reads it, written from app.rights.policies whenever rights are set."""

    __tablename__ = "policy"
    __table_args__ = (
        {
            "schema": SCHEMA,
            "info": {
                "rows": lambda: [
                    {"role": p.role, "kind": p.kind, "action": p.action, "state": p.state or "", "reach": int(p.reach)}
                    for p in POLICIES
                ]
            },
        },
    )

    role: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True, comment="empty: any")
    reach: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
