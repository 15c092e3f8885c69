"""Mails as they are written, in the language of whoever gets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.languages import Language, message


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. secret: whether it holds a link that opens something, and is forgotten once it is sent."""

    recipient: str
    subject: str
    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets a mail: name, address and language."""

    name: str
    email: str
    language: Language


@dataclass(frozen=True, slots=True)
class Sender:
    """The system a mail comes from: name of its region, and its public address without a slash at the end."""

    region: str
    address: str

    def title(self, language: Language) -> str:
        """What the system is called."""
        return language.text(message("%(region)s Minerals Information System"), region=self.region)


def invitation_mail(reader: Reader, sender: Sender, link: str, expires_at: datetime, inviter: str) -> Letter:
    """The mail with the link that opens an account."""
    language = reader.language
    site, until = sender.title(language), language.moment(expires_at)
    invited = language.text(
        message("%(inviter)s has invited you to the collaboration area of %(site)s."), inviter=inviter, site=site
    )
    advice = language.text(
        message("Open this link to set up your account; it works once, until %(until)s:"), until=until
    )
    unexpected = language.text(message("If you do not expect this invitation, leave it unanswered."))
    subject = language.text(message("Your invitation to %(site)s"), site=site)
    return Letter(reader.email, subject, _text(reader, f"{invited} {advice}", link, unexpected), secret=True)


def reset_mail(reader: Reader, sender: Sender, link: str) -> Letter:
    """The mail with the link that sets a new password."""
    language = reader.language
    site = sender.title(language)
    asked = language.text(
        message(
            "Somebody, probably you, has asked for a new password at %(site)s. This link sets one; it works once, for "
            "an hour:"
        ),
        site=site,
    )
    unasked = language.text(message("If it was not you, nothing has changed and you need do nothing."))
    subject = language.text(message("A new password for %(site)s"), site=site)
    return Letter(reader.email, subject, _text(reader, asked, link, unasked), secret=True)


def digest_mail(reader: Reader, sender: Sender, told: Sequence[tuple[str, str]]) -> Letter:
    """The mail of what is new in an inbox. told: what is new, and the path it is about."""
    language, address = reader.language, sender.address
    site = sender.title(language)
    lines = "\n".join(f"- {what}\n  {address}{path}" if path else f"- {what}" for what, path in told)
    new = language.text(message("This is new in your inbox at %(site)s:"), site=site)
    rest = language.text(message("All of it: %(address)s"), address=f"{address}/workspace")
    stop = language.text(
        message("You can stop these mails in your profile: %(address)s"), address=f"{address}/workspace/profile"
    )
    if len(told) > 1:
        subject = language.text(message("%(count)s new notices from %(site)s"), count=len(told), site=site)
    else:
        subject = language.text(message("A new notice from %(site)s"), site=site)
    return Letter(reader.email, subject, _text(reader, new, lines, f"{rest}\n{stop}"))


def _text(reader: Reader, *paragraphs: str) -> str:
    greeting = reader.language.text(message("Dear %(name)s,"), name=reader.name)
    return "\n\n".join((greeting, *paragraphs)) + "\n"
