"""Who is signed in, and what they may do."""

from datetime import date

from app.access.wire import In, Out


class RightOut(Out):
    """A right of the acting role. states: of the things it is about, None is any."""

    kind: str
    action: str
    reach: str
    states: list[str] | None


class MandateOut(Out):
    """A mandate under which a person may act today."""

    id: int
    role: str
    role_title: str
    country: str | None
    organisation: str
    starts: date
    ends: date


class SecondFactorsOut(Out):
    """What a person can prove who they are with beside a password."""

    totp: bool
    passkeys: int
    recovery_codes: int


class SignedInOut(Out):
    """The person who is signed in."""

    id: int
    name: str
    email: str
    language: str
    country: str | None


class SingleSignOnOut(Out):
    """The provider of single sign-on."""

    name: str


class MeOut(Out):
    """Who sends the request; all but signedIn and sso are empty for somebody who is not signed in.

    csrf: to be sent as X-CSRF-Token with whatever changes something. limited: a second factor has to be set up first.
    why: why a session that was there is no more.
    """

    signed_in: bool
    why: str = ""
    sso: SingleSignOnOut | None = None
    csrf: str = ""
    person: SignedInOut | None = None
    mandate: MandateOut | None = None
    mandates: list[MandateOut] = []
    limited: bool = False
    second_factors: SecondFactorsOut | None = None
    may: list[RightOut] = []
    unread: int = 0


class SwitchIn(In):
    """The mandate to go on under."""

    mandate: int
