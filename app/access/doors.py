"""The doors of the routes: each route says by a dependency who may enter, and works with what the door hands it.

A door opens the one transaction of the request, as the acting person or as the application, commits it before the
answer leaves, and writes a refusal into the audit log. A route without a door fails the tests.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import sqlalchemy as sa
from starlette.requests import Request

from app.access.actors import Actor, acting
from app.access.credentials import (
    COOKIE,
    DEVICE_COOKIE,
    SAFE_METHODS,
    Credential,
    check_origin,
    check_token,
    credential_of,
)
from app.access.sessions import Browser
from app.access.setup import Access
from app.access.work import Errand, Visit, Work
from app.audit.service import Event, Outcome, Who, record
from app.errors import (
    ConflictError,
    DatabaseUnavailableError,
    InvalidInputError,
    NotAllowedError,
    NotSignedInError,
    ProofNeededError,
)
from app.rights.policies import Action, Kind, Thing, decide, rights

_LONGEST_AGENT = 200


class Anybody:
    """A door for everybody: it checks only that what changes something comes from a page of ours."""

    def __call__(self, request: Request) -> Iterator[Visit]:
        """A visit in a transaction of its own."""
        with _errand(request).visit() as visit:
            yield visit


class Outside:
    """A door for everybody that opens no transaction: for what asks others, or is done after the answer has left."""

    def __call__(self, request: Request) -> Errand:
        """What opens transactions when they are needed."""
        return _errand(request)


class Allowed:
    """A door for those whose role has a right to a kind of thing at all; to which of them, the service asks again.

    own: the work is on the person's own account, as the application. limited: also with a session that may only set up
    a second factor. fresh: the person must have proved who they are a short while ago.
    """

    def __init__(
        self, kind: Kind, action: Action, *, own: bool = False, limited: bool = False, fresh: bool = False
    ) -> None:
        self.kind = kind
        self.action = action
        self.own = own
        self._limited = limited
        self._fresh = fresh

    def __call__(self, request: Request) -> Iterator[Work]:
        """The work in a transaction, committed before the answer leaves. Raises NotSignedInError, NotAllowedError."""
        access, browser = access_of(request), browser_of(request)
        actor = signed_in(request)
        try:
            self._check(request, access, actor)
            with self._transaction(access, actor) as connection:
                work = Work(access, connection, actor, browser)
                yield work
                work.finish()
        except NotAllowedError as error:
            _record(access, actor, browser, self._event(Outcome.REFUSED, error))
            raise
        except (ConflictError, InvalidInputError) as error:
            if self.action is not Action.READ:
                _record(access, actor, browser, self._event(Outcome.FAILED, error))
            raise

    def _event(self, outcome: Outcome, error: Exception) -> Event:
        return Event(self.action, self.kind, outcome=outcome, detail={"why": str(error)})

    def _transaction(self, access: Access, actor: Actor) -> AbstractContextManager[sa.Connection]:
        if self.own:
            return access.connections.application()
        return access.connections.delegate(actor.token)

    def _check(self, request: Request, access: Access, actor: Actor) -> None:
        if actor.session is not None and request.method not in SAFE_METHODS:
            check_token(request, access.secret, actor.token)
        if actor.limited and not self._limited:
            raise NotAllowedError("Your role needs a second factor: set up a code generator or a passkey first.")
        if not actor.key_covers(self.kind, self.action):
            raise NotAllowedError(f"This API key is not for this: its scopes are {', '.join(sorted(actor.scopes))}.")
        if actor.role is not None and not rights(actor.role, self.kind, self.action):
            raise NotAllowedError(decide_why(actor, self.kind, self.action))
        if self._fresh and not access.is_fresh(actor.proved_at):
            raise ProofNeededError("Prove once more who you are before you do this.")


def decide_why(actor: Actor, kind: Kind, action: Action) -> str:
    """Why the actor's role may not do an action to any thing of a kind."""
    party = actor.party
    return decide(party, action, Thing(kind)).why if party else "You have no mandate that runs."


def access_of(request: Request) -> Access:
    """What access needs, as the application was made with it."""
    found: Access = request.app.state.access
    return found


def browser_of(request: Request) -> Browser:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
    return Browser(address, agent, request.cookies.get(DEVICE_COOKIE, ""))


def signed_in(request: Request) -> Actor:
    """Who sends a request. Raises NotSignedInError that says why nobody known does."""
    credential: Credential | None = credential_of(request)
    if credential is None:
        raise NotSignedInError("You are not signed in.")
    with access_of(request).connections.application() as connection:
        return acting(connection, credential.token)


def profile_language(request: Request) -> str | None:
    """The language in the profile of whoever is signed in with a browser; None if nobody is, or it cannot be asked."""
    if COOKIE not in request.cookies:
        return None
    try:
        return signed_in(request).language
    except (NotSignedInError, DatabaseUnavailableError):
        return None


def _errand(request: Request) -> Errand:
    """What somebody who need not be signed in asks for, if a page of ours sent it. Raises ForgedRequestError."""
    access = access_of(request)
    if request.method not in SAFE_METHODS:
        check_origin(request, access.origin)
    return Errand(access, browser_of(request))


def _record(access: Access, actor: Actor, browser: Browser, event: Event) -> None:
    """Write into the log what did not come about, in a transaction of its own: that of the work is undone."""
    who = Who(actor.person, actor.name, str(actor.role or ""), actor.country, browser.address)
    with access.connections.application() as connection:
        record(connection, who, event)
