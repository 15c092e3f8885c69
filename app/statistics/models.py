"""Figures by country, commodity and year, in the manner of SDMX: what each is of, its value, where it comes from."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, field
from app.statistics.codes import NOT_APPLICABLE, TOTAL, UNSPECIFIED

__all__ = ["DIMENSIONS", "NOT_APPLICABLE", "TOTAL", "UNSPECIFIED", "CodeUse", "Observation"]

DIMENSIONS = (
    "indicator",
    "country",
    "partner",
    "commodity",
    "hs",
    "hsEdition",
    "isic",
    "isicRevision",
    "content",
    "year",
)
"""What tells one figure from another, in the order of the cube; year is the one of time."""


class Observation(Base):
    """One version of one figure.

    content tells what is counted: ore and contained metal are never the same series. release brought this version,
    replaced took its place or took it away; replaced is empty while it is the public truth.
    """

    __tablename__ = "observation"
    __table_args__ = (
        sa.Index("uq_observation_key", *DIMENSIONS, unique=True, postgresql_where=sa.text("replaced IS NULL")),
        sa.Index("ix_observation_commodity", "commodity", "indicator", "year"),
        sa.Index("ix_observation_country", "country", "commodity", "year"),
        sa.Index("ix_observation_partner", "partner", "indicator", "year"),
        sa.Index("ix_observation_hs", "hs", "year"),
        sa.Index("ix_observation_isic", "isic", "year", postgresql_where=sa.text("isic <> '_Z'")),
        sa.Index("ix_observation_year", "year"),
        {"schema": "statistics", "info": {"public": True}},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    indicator: Mapped[str] = mapped_column(info=field("Indicator", vocabulary="indicator", required=True))
    country: Mapped[str] = mapped_column(info=field("Country", required=True))
    partner: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("Partner country"))
    commodity: Mapped[str] = mapped_column(info=field("Commodity", vocabulary="commodity-code", required=True))
    hs: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("HS code"))
    hsEdition: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("HS edition"))
    isic: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("ISIC class"))
    isicRevision: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("ISIC revision"))
    content: Mapped[str] = mapped_column(server_default=NOT_APPLICABLE, info=field("Content", vocabulary="content"))
    year: Mapped[int] = mapped_column(info=field("Year", minimum=1500, maximum=2100, required=True))
    value: Mapped[float] = mapped_column(info=field("Value", required=True))
    unit: Mapped[str] = mapped_column(info=field("Unit", vocabulary="unit", required=True))
    estimated: Mapped[bool | None] = mapped_column(info=field("Estimated"))
    precision: Mapped[str | None] = mapped_column(info=field("Precision", vocabulary="precision"))
    source: Mapped[str] = mapped_column(info=field("Source", required=True))
    sourceId: Mapped[str | None] = mapped_column(info=field("Record in the source"))
    licence: Mapped[str] = mapped_column(info=field("Licence", required=True))
    note: Mapped[str | None] = mapped_column(info=field("Note"))
    release: Mapped[int]
    replaced: Mapped[int | None]
    content_hash: Mapped[bytes] = mapped_column(comment="SHA-256 of what the row says")


class CodeUse(Base):
    """How many current figures have a code of a dimension, and of which years: the cube's table of contents."""

    __tablename__ = "code_use"
    __table_args__ = {"schema": "statistics", "info": {"public": True}}

    dimension: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    observations: Mapped[int] = mapped_column(sa.BigInteger)
    first_year: Mapped[int]
    last_year: Mapped[int]
