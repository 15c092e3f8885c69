"""The daily mail: what is new and unread, once, to those who want it."""

# SPDX-License-Identifier: Apache-2.0

from app.access.inbox.digests import send_digests
from app.notices.mail import Sender
from app.notices.service import Message, NoticeKind, notify
from tests.app.access.cast import Cast

SENDER = Sender("ASEAN", "https://amdis.example.org")


def told(cast: Cast, name: str, *titles: str) -> None:
    with cast.application() as connection:
        for title in titles:
            kind = NoticeKind.TASK if title.startswith("Review") else NoticeKind.NOTICE
            notify(connection, cast[name].person, Message(title, "", "/workspace/datasets", kind=kind))


def digests(cast: Cast) -> int:
    with cast.application() as connection:
        return send_digests(connection, SENDER)


def mails(cast: Cast) -> list[tuple[str, str, str]]:
    return [(to, subject, text) for to, subject, text in cast.rows("SELECT recipient, subject, text FROM notices.mail")]


def test_news_is_mailed_once(cast: Cast) -> None:
    told(cast, "contributor IDN", "Mandate renewed", "Review the dataset")
    told(cast, "contributor MYS", "Mandate renewed")
    assert digests(cast) == 2
    assert digests(cast) == 0
    (mine,) = (mail for mail in mails(cast) if mail[0] == cast["contributor IDN"].email)
    assert mine[1] == "2 new notices from ASEAN Minerals Information System"
    assert "- Mandate renewed\n  https://amdis.example.org/workspace/datasets\n- To do: Review the dataset" in mine[2]


def test_what_was_read_is_no_news(cast: Cast) -> None:
    told(cast, "contributor IDN", "Read already")
    assert cast.client("contributor IDN").post("/api/v1/notices/read").status_code == 204
    assert digests(cast) == 0


def test_who_wants_no_mail_gets_none(cast: Cast) -> None:
    told(cast, "contributor IDN", "News")
    told(cast, "contributor MYS", "News")
    answer = cast.client("contributor IDN").patch("/api/v1/access/profile", json={"digest": False})
    assert answer.status_code == 200, answer.text
    cast.change("UPDATE access.person SET closed_at = now() WHERE id = :p", p=cast["contributor MYS"].person)
    assert digests(cast) == 0
    assert mails(cast) == []


def test_old_notices_are_not_sent_when_a_mail_server_is_set_up_later(cast: Cast) -> None:
    told(cast, "contributor IDN", "Long ago")
    cast.change("UPDATE notices.notice SET created_at = now() - interval '15 days'")
    assert digests(cast) == 0
