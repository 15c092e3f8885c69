"""Figures of production and reserves by country, commodity and year, each with its source."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, field


class Observation(Base):
    """One figure. measure tells what was measured: ore and contained metal are never the same series."""

    __tablename__ = "observation"
    __table_args__ = (
        sa.UniqueConstraint("country", "commodity", "measure", "year"),
        {"schema": "statistics", "info": {"public": True}},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    country: Mapped[str] = mapped_column(info=field("Country", required=True))
    commodity: Mapped[str] = mapped_column(info=field("Commodity", vocabulary="commodity-code", required=True))
    measure: Mapped[str] = mapped_column(info=field("Measure", required=True))
    year: Mapped[int] = mapped_column(info=field("Year", minimum=1500, maximum=2100, required=True))
    value: Mapped[float] = mapped_column(info=field("Value", minimum=0, required=True))
    unit: Mapped[str] = mapped_column(info=field("Unit", required=True))
    estimated: Mapped[bool | None] = mapped_column(info=field("Estimated"))
    source: Mapped[str] = mapped_column(info=field("Source", required=True))
    sourceId: Mapped[str | None] = mapped_column(info=field("Record in the source"))
    licence: Mapped[str] = mapped_column(info=field("Licence", required=True))
    note: Mapped[str | None] = mapped_column(info=field("Note"))
