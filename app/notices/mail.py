"""Mails as they are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. secret: whether it holds a link that opens something, and is forgotten once it is sent."""

    recipient: str
    subject: str
    text: str
    secret: bool = False


def invitation_mail(name: str, email: str, site: str, link: str, expires_at: datetime, inviter: str) -> Letter:
    """The mail with the link that opens an account."""
    text = (
        f"Dear {name},\n\n{inviter} has invited you to the collaboration area of {site}. "
        f"Open this link to set up your account; it works once, until {expires_at:%d %B %Y %H:%M} UTC:\n\n{link}\n\n"
        "If you do not expect this invitation, leave it unanswered.\n"
    )
    return Letter(email, f"Your invitation to {site}", text, secret=True)


def reset_mail(name: str, email: str, site: str, link: str) -> Letter:
    """The mail with the link that sets a new password."""
    text = (
        f"Dear {name},\n\nsomebody, probably you, has asked for a new password at {site}. This link sets one; it works "
        f"once, for an hour:\n\n{link}\n\nIf it was not you, nothing has changed and you need do nothing.\n"
    )
    return Letter(email, f"A new password for {site}", text, secret=True)


def digest_mail(name: str, email: str, site: tuple[str, str], told: Sequence[tuple[str, str]]) -> Letter:
    """The mail of what is new in an inbox. site: title and address. told: what is new, and the path it is about."""
    title, address = site
    lines = "\n".join(f"- {what}\n  {address}{path}" if path else f"- {what}" for what, path in told)
    text = (
        f"Dear {name},\n\nthis is new in your inbox at {title}:\n\n{lines}\n\n"
        f"All of it: {address}/workspace\nYou can stop these mails in your profile: {address}/workspace/profile\n"
    )
    count = f"{len(told)} new notices" if len(told) > 1 else "A new notice"
    return Letter(email, f"{count} from {title}", text)
