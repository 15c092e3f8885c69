"""What the domains do at their times, as the job worker does it: each in a transaction of its own."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import sqlalchemy as sa

from app.access.inbox.digests import send_digests
from app.access.people.upkeep import finish_mandates, remind_of_ends
from app.access.signin.challenges import remove_old_challenges
from app.access.signin.slowdown import remove_old_failures
from app.audit.chain import seal
from app.db.connections import Connections
from app.db.roles import DatabaseUrls
from app.jobs.tasks import Chore
from app.notices.mail import Sender
from app.notices.post import MailServer, deliver
from app.regions import read_region
from app.settings import Settings
from app.successions import SUCCESSIONS


@contextmanager
def chores(settings: Settings, urls: DatabaseUrls) -> Iterator[tuple[Chore, ...]]:
    """The chores over one pool of connections. Those of mail are there if a mail server is set."""
    with closing(Connections(urls, size=2)) as connections:
        yield (*_upkeep(connections, settings), *_mail(connections, settings))


def _upkeep(connections: Connections, settings: Settings) -> Iterator[Chore]:
    def chore(cron: str, work: Callable[[sa.Connection], object], name: str = "") -> Chore:
        def run() -> None:
            with connections.application() as connection:
                work(connection)

        return Chore(name or work.__name__, cron, run)

    yield chore("* * * * *", lambda connection: finish_mandates(connection, SUCCESSIONS), "finish_mandates")
    yield chore("5 5 * * *", remind_of_ends)
    yield chore("*/10 * * * *", lambda connection: seal(connection, settings.secret()), "seal_log")
    yield chore("7 * * * *", remove_old_failures)
    yield chore("37 * * * *", remove_old_challenges)


def _mail(connections: Connections, settings: Settings) -> Iterator[Chore]:
    if not settings.smtp_url:
        return
    server = MailServer(settings.smtp_url, settings.mail_from)
    sender = Sender(read_region(settings.region_path).title, settings.public_url)

    def digests() -> None:
        with connections.application() as connection:
            send_digests(connection, sender)

    yield Chore("deliver_mail", "* * * * * */20", lambda: deliver(connections.application, server))
    yield Chore("send_digests", "0 6 * * *", digests)
