"""The roles a mandate can give, and what must hold of whoever has one."""

from dataclasses import dataclass
from enum import StrEnum

from app.languages import message


class Role(StrEnum):
    """A role in the collaboration area."""

    SECRETARIAT = "secretariat"
    NATIONAL_ADMINISTRATOR = "national-administrator"
    CONTRIBUTOR = "contributor"
    NATIONAL_REVIEWER = "national-reviewer"
    REGIONAL_REVIEWER = "regional-reviewer"
    WORKING_GROUP_MEMBER = "working-group-member"
    OBSERVER = "observer"


class Trust(StrEnum):
    """What a mandate entrusts: the administration of others, or a part of the work. It decides who may give it."""

    ADMINISTRATION = "administration"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class RoleTerms:
    """The terms of a role. national: held for one member state, else for the region; None: either.

    second_factor: whether a password alone is not enough to sign in.
    """

    title: str
    description: str
    trust: Trust
    national: bool | None
    second_factor: bool = False


TERMS: dict[Role, RoleTerms] = {
    Role.SECRETARIAT: RoleTerms(
        message("Secretariat"),
        "Manages organisations, people and mandates of the region, and publishes what reviewers have approved.",
        Trust.ADMINISTRATION,
        national=False,
        second_factor=True,
    ),
    Role.NATIONAL_ADMINISTRATOR: RoleTerms(
        message("National administrator"),
        "Manages the people of one member state and their mandates.",
        Trust.ADMINISTRATION,
        national=True,
        second_factor=True,
    ),
    Role.CONTRIBUTOR: RoleTerms(
        message("Contributor"), "Prepares and submits datasets of one member state.", Trust.WORK, national=True
    ),
    Role.NATIONAL_REVIEWER: RoleTerms(
        message("National reviewer"),
        "Checks what is submitted of one member state before the region sees it.",
        Trust.WORK,
        national=True,
        second_factor=True,
    ),
    Role.REGIONAL_REVIEWER: RoleTerms(
        message("Regional reviewer"),
        "Checks what member states have submitted to the region.",
        Trust.ADMINISTRATION,
        national=False,
        second_factor=True,
    ),
    Role.WORKING_GROUP_MEMBER: RoleTerms(
        message("Working-group member"),
        "Follows and reports on the action plans of a working group.",
        Trust.WORK,
        national=None,
    ),
    Role.OBSERVER: RoleTerms(
        message("Observer"), "Reads what is shared with all delegates.", Trust.WORK, national=None
    ),
}
