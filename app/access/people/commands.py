"""What `amdis user` does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.access.actors import today
from app.access.people.mandates import check_fits, read_role
from app.access.people.service import PATH, create_account
from app.db.connections import Connections
from app.db.roles import DatabaseUrls
from app.regions import read_region
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who gets an account, and the mandate that goes with it. days: how long it lasts, from today."""

    email: str
    name: str
    organisation: str
    role: str
    country: str | None
    days: int


def create(settings: Settings, urls: DatabaseUrls, asked: NewAccount) -> tuple[str, datetime]:
    """Open an account; the link that sets it up, and until when. Raises InvalidInputError, ConflictError."""
    role = read_role(asked.role)
    members = {one.country: one.name for one in read_region(settings.region_path).members}
    check_fits(members, role, asked.country)
    starts = today()
    given = (role, asked.country, starts, starts + timedelta(days=asked.days))
    connections = Connections(urls)
    try:
        with connections.application() as connection:
            invited = create_account(connection, asked.email, asked.name, asked.organisation, given)
    finally:
        connections.close()
    return f"{settings.public_url}{PATH}{invited.token}", invited.expires_at
