"""Notices and tasks in people's inboxes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.rights.guards import Guard, reaching
from app.rights.policies import Action, Kind


class Notice(Base):
    """Something a person is told (kind notice) or asked to do (kind task). link: where it is about or done.

    subject: what it is about, so that a task can be found when it is done or goes to a successor.
    mailed_at: when a digest with it was put among the mails that wait.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index("ix_notice_person_id", "person_id", "id"),
        sa.Index("ix_notice_subject", "subject"),
        sa.Index("ix_notice_unmailed", "person_id", postgresql_where=sa.text("mailed_at IS NULL")),
        {
            "schema": "notices",
            "info": {
                "guards": (
                    Guard("SELECT", reaching(Kind.NOTICE, Action.READ, country="NULL")),
                    Guard("UPDATE", reaching(Kind.NOTICE, Action.UPDATE, country="NULL"), ("read_at",)),
                )
            },
        },
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    link: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    read_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class Mail(Base):
    """A mail that waits for the mail server, or was handed to it: tried again until then, so that none is lost.

    secret: whether the text holds a link that opens an account; it is forgotten once the mail is sent.
    """

    __tablename__ = "mail"
    __table_args__ = (
        sa.Index("ix_mail_waiting", "next_try_at", postgresql_where=sa.text("sent_at IS NULL")),
        {"schema": "notices", "info": {"guards": ()}},
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    secret: Mapped[bool] = mapped_column(server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    next_try_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    tries: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(server_default="")
    sent_at: Mapped[datetime | None]
