"""Mails and notices in the language of their receiver's profile, as the mail server gets them."""

# SPDX-License-Identifier: Apache-2.0

from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from app.access.actors import today
from app.access.inbox.digests import send_digests
from app.access.people.upkeep import remind_of_ends
from app.languages import catalogues
from app.notices.mail import Sender
from app.notices.post import MailServer, deliver
from tests.app.access.cast import Cast
from tests.app.access.signin.browser import API, PASSWORD, Browser, accept, invited, with_account
from tests.app.notices.mailbox import mail_server

EMAIL = "siti@example.org"
SENDER = Sender("ASEAN", "https://amdis.example.org")
MINE, THEIRS = "contributor IDN", "national-administrator IDN"


def delivered(cast: Cast, to: str) -> EmailMessage:
    """The one mail that the server got for somebody."""
    with mail_server() as mailbox:
        deliver(cast.application, MailServer(mailbox.url, "amdis@example.org"))
    (found,) = (one for one in mailbox.messages if one["To"] == to)
    return found


def text_of(mail: EmailMessage) -> str:
    """The text of a mail, its lines as they were written."""
    body = mail.get_content()
    assert isinstance(body, str)
    return body


def speaks(cast: Cast, name: str, language: str) -> None:
    answer = cast.client(name).patch(f"{API}/profile", json={"language": language})
    assert answer.status_code == 200, answer.text


def titles(cast: Cast, name: str) -> list[str]:
    rows = cast.rows("SELECT title FROM notices.notice WHERE person_id = :p ORDER BY id", p=cast[name].person)
    return [title for (title,) in rows]


def ending(cast: Cast, name: str, days: int) -> date:
    ends = today() + timedelta(days=days)
    cast.change("UPDATE access.mandate SET ends = :e WHERE id = :m", e=ends, m=cast[name].mandate)
    return ends


def test_an_invitation_is_written_in_the_language_it_was_given(cast: Cast) -> None:
    asked = {
        "email": EMAIL,
        "name": "Siti",
        "language": "id",
        "organisation": cast[MINE].organisation,
        "country": "IDN",
        "role": "contributor",
        "starts": str(today()),
        "ends": str(today() + timedelta(days=100)),
    }
    answer = cast.client("secretariat region").post(f"{API}/invitations", json=asked)
    assert answer.status_code == 201, answer.text
    mail = delivered(cast, EMAIL)
    assert mail["Subject"] == "Undangan Anda ke Sistem Informasi Mineral ASEAN"
    assert text_of(mail).startswith("Yth. Siti,")
    assert answer.json()["link"] in text_of(mail)


def test_a_new_password_is_offered_in_the_language_of_the_profile(cast: Cast) -> None:
    browser = with_account(cast)
    assert browser.patch(f"{API}/profile", json={"language": "id"}).status_code == 200
    Browser(cast, **{"accept-language": "en"}).post(f"{API}/password/forgotten", json={"email": EMAIL})
    cast.change("UPDATE notices.mail SET sent_at = now() WHERE subject LIKE 'Your invitation%'")
    mail = delivered(cast, EMAIL)
    assert mail["Subject"] == "Kata sandi baru untuk Sistem Informasi Mineral ASEAN"
    assert "berlaku satu kali, selama satu jam" in text_of(mail)
    assert "This link" not in text_of(mail)


def test_each_is_told_of_the_same_mandate_in_their_own_language(cast: Cast) -> None:
    speaks(cast, MINE, "id")
    ends = ending(cast, MINE, 6)
    with cast.application() as connection:
        assert remind_of_ends(connection) == 1
    indonesian, english = catalogues()["id"].day(ends), catalogues()["en"].day(ends)
    assert titles(cast, MINE) == [f"Mandat Anda sebagai kontributor berakhir pada {indonesian}"]
    (task,) = titles(cast, THEIRS)
    assert task.startswith("The mandate of ")
    assert task.endswith(f" ends on {english}")


def test_the_daily_mail_is_written_in_the_language_of_the_profile(cast: Cast) -> None:
    speaks(cast, MINE, "id")
    speaks(cast, THEIRS, "id")
    ending(cast, MINE, 6)
    with cast.application() as connection:
        remind_of_ends(connection)
        assert send_digests(connection, SENDER) == 2
    with mail_server() as mailbox:
        deliver(cast.application, MailServer(mailbox.url, "amdis@example.org"))
    told = {one["To"]: one for one in mailbox.messages}
    assert told[cast[MINE].email]["Subject"] == "Pemberitahuan baru dari Sistem Informasi Mineral ASEAN"
    body = text_of(told[cast[THEIRS].email])
    assert "- Perlu dikerjakan: Mandat " in body
    assert "di profil Anda: https://amdis.example.org/workspace/profile" in body


def test_what_happens_to_an_account_is_told_in_the_language_of_the_profile(cast: Cast) -> None:
    browser, _ = accept(cast, invited(cast))
    browser.me()
    browser.patch(f"{API}/profile", json={"language": "id"})
    asked = {"current": PASSWORD, "password": "eleven-herons-dig-zinc"}
    assert browser.post(f"{API}/profile/password", json=asked).status_code == 204
    (text,) = cast.rows("SELECT text FROM notices.notice WHERE title = 'Kata sandi Anda diganti'")
    assert text[0].startswith("Jika bukan Anda yang melakukannya")


@pytest.mark.parametrize("language", ["fr", "xyz"])
def test_a_language_without_a_catalogue_is_told_in_english(cast: Cast, language: str) -> None:
    speaks(cast, MINE, language)
    ending(cast, MINE, 6)
    with cast.application() as connection:
        remind_of_ends(connection)
    assert titles(cast, MINE)[0].startswith("Your mandate as contributor ends on")
