"""What a request has in hand: who works, on which transaction, and what follows from it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.access.actors import Actor
from app.access.sessions import Browser
from app.access.setup import Access
from app.access.telling import Written, tell
from app.audit.service import Event, Who, record
from app.errors import NotAllowedError
from app.rights.policies import Action, Decision, Thing, decide


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who need not be signed in, in a transaction of the application."""

    access: Access
    connection: sa.Connection
    browser: Browser

    @property
    def who(self) -> Who:
        """Nobody in particular, as the audit log keeps it."""
        return Who(None, "", address=self.browser.address)

    def record_apart(self, event: Event, person: int | None = None, name: str = "") -> None:
        """Write a line into the audit log that stays although the request ends in an error."""
        Errand(self.access, self.browser).record_apart(event, person, name)


@dataclass(frozen=True, slots=True)
class Errand:
    """A request of somebody who need not be signed in that opens its transactions itself.

    So none of them waits for another party, and work may go on after the answer.
    """

    access: Access
    browser: Browser

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """A transaction of the application, committed at the end."""
        with self.access.connections.application() as connection:
            yield Visit(self.access, connection, self.browser)

    def record_apart(self, event: Event, person: int | None = None, name: str = "") -> None:
        """Write a line into the audit log in a transaction of its own."""
        with self.access.connections.application() as connection:
            record(connection, Who(person, name, address=self.browser.address), event)


@dataclass(frozen=True, slots=True)
class Work:
    """What a signed-in person does, in the transaction of the request.

    connection: as the acting person, whom row-level security shows what the mandate covers; or as the application, for
    what is the person's own and no delegate's connection may read.
    """

    access: Access
    connection: sa.Connection
    actor: Actor
    browser: Browser
    _aside: list[Callable[[sa.Connection], object]] = field(default_factory=list)

    @property
    def who(self) -> Who:
        """The acting person as the audit log keeps them."""
        actor = self.actor
        return Who(actor.person, actor.name, str(actor.role or ""), actor.country, self.browser.address)

    def decide(self, action: Action, thing: Thing) -> Decision:
        """Whether the person may do something to a thing, and why."""
        party = self.actor.party
        return decide(party, action, thing) if party else Decision(False, "You have no mandate that runs.")

    def require(self, action: Action, thing: Thing) -> None:
        """Raise NotAllowedError that says why, unless the person may do something to a thing."""
        decision = self.decide(action, thing)
        if not decision.allowed:
            raise NotAllowedError(decision.why)

    def aside(self, effect: Callable[[sa.Connection], object]) -> None:
        """Let something follow from the work that only the application may do, such as telling others of it.

        It happens when all of the work went well, just before that is committed. It may not write into the audit log,
        which the work holds by then.
        """
        self._aside.append(effect)

    def tell(self, person: int, written: Written) -> None:
        """Put a message into somebody's inbox, in their language, when all of the work went well."""
        self.aside(lambda connection: tell(connection, (person,), written))

    def finish(self) -> None:
        """Let happen what follows from the work."""
        effects = list(self._aside)
        self._aside.clear()
        if effects:
            with self.access.connections.application() as connection:
                for effect in effects:
                    effect(connection)

    def record(self, event: Event) -> None:
        """Write what was done into the audit log, in the same transaction: call it last."""
        record(self.connection, self.who, event)
