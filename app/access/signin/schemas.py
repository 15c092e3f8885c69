"""Signing in and one's own account over the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.access.wire import In, Out

Text = Annotated[str, StringConstraints(max_length=1000)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=30)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SignInIn(In):
    """An address and its password."""

    email: Text
    password: Text = Field(repr=False)


class NextOut(Out):
    """What comes next: nothing (done), a code (code), or setting a second factor up (enrol)."""

    next: Literal["done", "code", "enrol"]


class CodeIn(In):
    """A code of a generator, or a recovery code."""

    code: Code = Field(repr=False)


class CredentialIn(In):
    """What the browser's passkey answered."""

    credential: dict[str, Any]


class TokenIn(In):
    """The token of a link."""

    token: Token = Field(repr=False)


class InvitationReadOut(Out):
    """What an invitation is for."""

    name: str
    email: str
    organisation: str
    country: str | None
    role: str
    role_title: str
    starts: date
    ends: date
    expires_at: datetime


class AcceptIn(In):
    """An accepted invitation."""

    token: Token = Field(repr=False)
    name: Name
    password: Text = Field(repr=False)


class ForgottenIn(In):
    """Whose password is forgotten."""

    email: Text


class ResetIn(In):
    """A new password, by the token of the link that was sent."""

    token: Token = Field(repr=False)
    password: Text = Field(repr=False)


class ProfileOut(Out):
    """One's own account."""

    name: str
    email: str
    language: str
    digest: bool


class ProfileIn(In):
    """What changes of one's own account. digest: whether unread notices are mailed once a day."""

    name: Name | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    digest: bool | None = None


class PasswordIn(In):
    """A new password beside the present one."""

    current: Text = Field(repr=False)
    password: Text = Field(repr=False)


class ProveIn(In):
    """A proof of who one is: the password or a code."""

    password: Text | None = Field(default=None, repr=False)
    code: Code | None = Field(default=None, repr=False)


class GeneratorOut(Out):
    """A new code generator that waits to be confirmed. qr: its address as a picture in SVG."""

    secret: str
    uri: str
    qr: str


class RecoveryCodesOut(Out):
    """Recovery codes, shown once. csrf: of the session, whose token has changed."""

    recovery_codes: list[str]
    csrf: str


class CsrfOut(Out):
    """What is to be sent as X-CSRF-Token from now on, as the session's token has changed."""

    csrf: str


class PasskeyOut(Out):
    """A passkey."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class PasskeyIn(In):
    """A new passkey."""

    name: Name
    credential: dict[str, Any]


class NewPasskeyOut(Out):
    """A new passkey, and recovery codes if it is the first second factor."""

    passkey: PasskeyOut
    recovery_codes: list[str]
    csrf: str


class OwnSessionOut(Out):
    """One of one's own sessions. current: the one that asks."""

    id: int
    current: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    methods: list[str]
