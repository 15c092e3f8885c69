"""Releases, the submissions they were made of, and which files of a region were loaded last."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.releases.states import RUN_TABLE, TALLY_TABLE, TEXT_TABLE
from app.rights.guards import Guard, reaching
from app.rights.policies import Action, Kind, Stage
from gis.texts import FIRST_DICTIONARY


class Release(Base):
    """One publication of a layer: what changed, by whom, and the fingerprint of the whole layer after it."""

    __tablename__ = "release"
    __table_args__ = (sa.UniqueConstraint("layer", "number"), {"schema": "releases", "info": {"public": True}})

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    layer: Mapped[str]
    number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    published_by: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    total: Mapped[int]
    content_hash: Mapped[bytes] = mapped_column(comment="SHA-256 over the content hashes of all current rows")
    west: Mapped[float | None]
    south: Mapped[float | None]
    east: Mapped[float | None]
    north: Mapped[float | None]


class FeatureText(Base):
    """A current feature as GeoJSON text, by its number: what a page of features is put together from.

    Written when the feature is published, and again when its layer's public fields change.
    """

    __tablename__ = TEXT_TABLE[1]
    __table_args__ = {"schema": TEXT_TABLE[0], "info": {"public": True}}

    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    geojson: Mapped[bytes] = mapped_column(comment="UTF-8, compressed as gis.texts says")


class FeatureTextDictionary(Base):
    """What the texts of a layer's features share, by a number that each text compressed with it holds."""

    __tablename__ = f"{TEXT_TABLE[1]}_dictionary"
    __table_args__ = {"schema": TEXT_TABLE[0], "info": {"public": True}}

    number: Mapped[int] = mapped_column(sa.Integer, sa.Identity(start=FIRST_DICTIONARY), primary_key=True)
    layer: Mapped[str]
    content: Mapped[bytes]


class FeatureName(Base):
    """A name of a current feature, by which it is found: its own first (position 1), then its other names.

    folded: as it is compared (gis.naming): without accents, case and punctuation, a blank before each word.
    """

    __tablename__ = "feature_name"
    __table_args__ = (
        sa.Index("ix_feature_name_folded", "folded"),
        sa.Index("ix_feature_name_words", "words", postgresql_using="gin"),
        {"schema": TEXT_TABLE[0], "info": {"public": True}},
    )

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    layer: Mapped[str]
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(sa.Text(collation="C"))
    words: Mapped[str] = mapped_column(
        TSVECTOR, sa.Computed("array_to_tsvector(string_to_array(ltrim(folded), ' '))", persisted=True)
    )


class NameWord(Base):
    """A word of the names of current features. A slip of the pen is compared with them: they are fewer than names."""

    __tablename__ = "name_word"
    __table_args__ = (
        sa.Index("ix_name_word_trigrams", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
        {"schema": TEXT_TABLE[0], "info": {"public": True}},
    )

    word: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)


class LayerText(Base):
    """How the texts of a layer's features were made: SHA-256 of the expression."""

    __tablename__ = "layer_text"
    __table_args__ = {"schema": "releases"}

    layer: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]


class Run(Base):
    """A run of a layer's current features, those whose numbers are from first to last, and the box around them.

    features: how many. west to north: degrees, exact. release: the one they were written for.
    """

    __tablename__ = RUN_TABLE[1]
    __table_args__ = (
        sa.Index("ix_run_around", sa.text("box(point(west, south), point(east, north))"), postgresql_using="gist"),
        {"schema": RUN_TABLE[0], "info": {"public": True}},
    )

    layer: Mapped[str] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    last: Mapped[int] = mapped_column(sa.BigInteger)
    features: Mapped[int]
    west: Mapped[float]
    south: Mapped[float]
    east: Mapped[float]
    north: Mapped[float]
    release: Mapped[int]


class Tally(Base):
    """How many of a layer's current features have a value in a field. release: the one they were counted for.

    Broader concepts are values of a field that is named as Layer.concept_tallies says. value: null for the features
    without one, of which a row is there even if there are none.
    """

    __tablename__ = TALLY_TABLE[1]
    __table_args__ = (
        sa.Index("ix_tally_layer", "layer", "field"),
        {"schema": TALLY_TABLE[0], "info": {"public": True}},
    )

    number: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    layer: Mapped[str]
    field: Mapped[str]
    value: Mapped[str | None]
    features: Mapped[int]
    release: Mapped[int]


class TallyPart(Base):
    """What share the features of a tally are of those in a stretch of the layer, 0 to 1."""

    __tablename__ = f"{TALLY_TABLE[1]}_part"
    __table_args__ = {"schema": TALLY_TABLE[0], "info": {"public": True}}

    tally: Mapped[int] = mapped_column(sa.ForeignKey(Tally.number, ondelete="CASCADE"), primary_key=True)
    stretch: Mapped[int] = mapped_column(primary_key=True)
    share: Mapped[float] = mapped_column(sa.REAL)


class TallyRun(Base):
    """The keys of the features of a tally that are in a run: of each value and each concept of a list.

    run: its keys, divided by gis.runs.KEYS. keys: what remains of each, in their order. No foreign key: checking one
    would take longer than writing them.
    """

    __tablename__ = f"{TALLY_TABLE[1]}_run"
    __table_args__ = {"schema": TALLY_TABLE[0], "info": {"public": True}}

    tally: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    keys: Mapped[list[int]] = mapped_column(ARRAY(sa.SmallInteger))


class RegionLoad(Base):
    """Which state of a region's files was loaded last: SHA-256 over all of them."""

    __tablename__ = "region_load"
    __table_args__ = {"schema": "releases"}

    region: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class Submission(Base):
    """Rows that are staged and published together; its id stands in the rows' submission_id.

    country: the member state it is of, None for what the system itself loads. person_id: who holds it and goes on with
    it, under mandate_id. layer: what its rows are of, None for several.
    """

    __tablename__ = "submission"
    __table_args__ = (
        sa.Index("ix_submission_country_stage", "country", "stage"),
        {
            "schema": "releases",
            "info": {
                "guards": (
                    Guard("SELECT", reaching(Kind.SUBMISSION, Action.READ, state="stage")),
                    Guard("UPDATE", reaching(Kind.SUBMISSION, Action.UPDATE, state="stage"), ("title",)),
                    Guard("DELETE", reaching(Kind.SUBMISSION, Action.DELETE, state="stage")),
                )
            },
        },
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    title: Mapped[str] = mapped_column(server_default="")
    layer: Mapped[str | None]
    stage: Mapped[str] = mapped_column(server_default=Stage.PUBLISHED.value)
    country: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("access.person.id"), index=True)
    mandate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("access.mandate.id"), index=True)
