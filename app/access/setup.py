"""What access is made of in one process: connections, the system's key, where the site is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from app.db.connections import Connections
from app.notices.mail import Sender
from app.rights.policies import Kind, Thing

Succession = Callable[[sa.Connection, int, "int | None"], int]

FRESH = timedelta(minutes=15)
"""How long a proof of who somebody is counts for what needs a fresh one."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the routes of the collaboration area share. base_url: the public address, without a slash at the end.
    site, region: what the system and its region are called.

    members: names of the region's member states by ISO 3166 alpha-3 code. successions: what gives the open work of one
    mandate to another, or to nobody yet, and tells how many pieces; things: what finds a thing of a kind by its number
    for a person; each domain brings its own. mails: whether mail is sent from here. sso: the
    provider of single sign-on (app.access.signin.sso.Provider), if there is one.
    """

    connections: Connections
    secret: bytes = field(repr=False)
    base_url: str
    site: str
    region: str
    members: Mapping[str, str]
    successions: tuple[Succession, ...] = ()
    things: Mapping[Kind, Callable[[Any, int], Thing]] = field(default_factory=dict)
    mails: bool = False
    sso: Any = None

    @property
    def sender(self) -> Sender:
        """Where its mails come from."""
        return Sender(self.region, self.base_url)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the site."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def is_fresh(self, proved_at: datetime) -> bool:
        """Whether a proof of who somebody is counts as fresh."""
        return datetime.now(UTC) - proved_at < FRESH
