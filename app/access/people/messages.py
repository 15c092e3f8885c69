"""What people are told of mandates, in a language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.languages import Language, message
from app.notices.service import Message, NoticeKind

DATASETS = "/workspace/datasets"
EXPIRING = "/workspace/people/expiring"
HOME = "/workspace"


def granted(language: Language, number: int, role: str, days: tuple[date, date]) -> Message:
    """To whoever got a further mandate. role: its title; days: the first and the last."""
    starts, ends = map(language.day, days)
    title = language.text(message("You have a new mandate: %(role)s"), role=language.text(role))
    text = language.text(message("From %(starts)s to %(ends)s."), starts=starts, ends=ends)
    return Message(title, text, HOME, f"mandate {number}")


def renewed(language: Language, number: int, ends: date) -> Message:
    """To whoever holds a mandate that ends later now."""
    text = language.text(message("It now ends on %(day)s."), day=language.day(ends))
    return Message(language.text(message("Your mandate was renewed")), text, HOME, f"mandate {number}")


def named(language: Language, mandate: Mapping[str, Any]) -> Message:
    """To whoever is to take over the open work of a mandate."""
    role, day = _role(language, mandate), language.day(mandate["ends"])
    text = language.text(message("Their mandate as %(role)s ends on %(day)s."), role=role, day=day)
    return Message(language.text(message("You are named as a successor")), text, DATASETS, f"mandate {mandate['id']}")


def ended(language: Language, mandate: Mapping[str, Any], reason: str) -> Message:
    """To whoever held a mandate that was ended."""
    title = language.text(message("Your mandate as %(role)s was ended"), role=_role(language, mandate))
    return Message(title, reason, "", f"mandate {mandate['id']}")


def inherited(language: Language, holder: str = "") -> Message:
    """To whoever got the open work of a mandate that is over. holder: name of who held it."""
    if holder:
        return Message(language.text(message("You took over the work of %(name)s"), name=holder), "", DATASETS)
    return Message(language.text(message("You took over the work of another mandate")), "", DATASETS)


def ends_soon(language: Language, mandate: Mapping[str, Any], subject: str) -> Message:
    """To whoever holds a mandate that ends soon."""
    role, day = _role(language, mandate), language.day(mandate["ends"])
    title = language.text(message("Your mandate as %(role)s ends on %(day)s"), role=role, day=day)
    return Message(title, language.text(message("Ask for a renewal in time.")), HOME, subject)


def renew_soon(language: Language, mandate: Mapping[str, Any], subject: str) -> Message:
    """To those who can renew a mandate that ends soon."""
    day = language.day(mandate["ends"])
    title = language.text(message("The mandate of %(name)s ends on %(day)s"), name=mandate["name"], day=day)
    text = language.text(message("Renew it, or name a successor for the open work."))
    return Message(title, text, EXPIRING, subject, NoticeKind.TASK)


def ran_out(language: Language, mandate: Mapping[str, Any], subject: str) -> Message:
    """To those who can renew a mandate that is over, with open work and no successor."""
    day = language.day(mandate["ends"])
    title = language.text(message("The mandate of %(name)s ended on %(day)s"), name=mandate["name"], day=day)
    text = language.text(message("Renew it, or end it and name who takes over its open work."))
    return Message(title, text, f"/workspace/people/{mandate['person_id']}", subject, NoticeKind.TASK)


def _role(language: Language, mandate: Mapping[str, Any]) -> str:
    return language.text(mandate["role_title"]).lower()
