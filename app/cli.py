"""The command line, `amdis`. Each command imports what it needs when it runs, so that `--help` answers at once."""

# SPDX-License-Identifier: Apache-2.0

import logging
import sys
import warnings
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from app.errors import AmdisError, ServerError
from app.settings import Settings, UnknownSettingWarning, load_settings

cli = typer.Typer(
    name="amdis",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="AMDIS, an open minerals information system. Settings are environment variables that start with AMDIS_.",
    epilog="Example: AMDIS_PORT=8080 amdis up",
)


def main() -> None:
    """Run the command line; a mistake is one line on stderr and exit code 2, and only a defect has a traceback."""
    warnings.showwarning = _show_warning
    try:
        cli()
    except AmdisError as error:
        print(f"amdis: {error}", file=sys.stderr)
        raise SystemExit(2) from None


@cli.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if show_version:
        print(version("amdis"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit(2)


@cli.command(epilog="Example: AMDIS_HOME=/srv/amdis AMDIS_WORKERS=4 amdis up")
def up() -> None:
    """Start everything and serve until Ctrl-C: database, migrations, data, map processes, job worker, web."""
    from app.supervisor import up as run  # noqa: PLC0415

    run(load_settings())


@cli.command(epilog='Example: amdis migrate      (while developing: amdis migrate --autogenerate "add boreholes")')
def migrate(
    autogenerate: Annotated[
        str, typer.Option(metavar="MESSAGE", help="Write a migration for what changed in the models instead.")
    ] = "",
) -> None:
    """Set the database up and bring its tables to this version."""
    from app.db import bootstrap, embedded, migrate  # noqa: PLC0415
    from app.layers.service import refresh_layers  # noqa: PLC0415

    settings = _settings("commands")
    with embedded.database(settings, "amdis migrate") as urls:
        bootstrap.bootstrap(urls)
        applied = migrate.upgrade(urls, grant=not autogenerate)
        print(f"Applied: {', '.join(applied)}" if applied else "The database is up to date.")
        if not autogenerate:
            if not applied:
                migrate.set_rights(urls)
            refresh_layers(urls)
        else:
            path = migrate.write_migration(urls, autogenerate)
            print(f"Written: {path}" if path else "The models and the database agree; nothing was written.")


@cli.command(epilog="Example: AMDIS_REGION=asean amdis load")
def load(
    force: Annotated[bool, typer.Option("--force", help="Publish again even if the files have not changed.")] = False,
) -> None:
    """Publish the facts in the region's folder, all or nothing; does nothing when they were loaded before."""
    import sqlalchemy as sa  # noqa: PLC0415

    from app.db import bootstrap, embedded, migrate  # noqa: PLC0415
    from app.loading import load_region  # noqa: PLC0415
    from app.progress import file_progress  # noqa: PLC0415

    settings = _settings("commands")
    with embedded.database(settings, "amdis load") as urls:
        bootstrap.bootstrap(urls)
        migrate.upgrade(urls)
        engine = sa.create_engine(urls.app.sqlalchemy())
        try:
            with file_progress() as progress:
                loaded = load_region(engine, settings.region_path, progress, force=force)
        finally:
            engine.dispose()
    for layer, publication in loaded.layers.items():
        print(f"{layer}: {publication}")
    print(f"statistics: {loaded.statistics}" if loaded.statistics else "These files are loaded already.")


@cli.command(epilog="Example: amdis export mines mines.gpkg --release 3")
def export(
    layer: Annotated[str, typer.Argument(help="Id of a layer, such as mines.")],
    file: Annotated[Path, typer.Argument(help="The file to write; its suffix says the format.")],
    release: Annotated[int | None, typer.Option(min=1, help="Number of an earlier release to write instead.")] = None,
) -> None:
    """Write what is published of a layer to a file in the format of its suffix (.gpkg, .parquet, .csv, .xlsx ...)."""
    import asyncio  # noqa: PLC0415

    from app.db import embedded  # noqa: PLC0415
    from app.layers.declarations import read_declarations, read_service  # noqa: PLC0415
    from app.layers.export import export_layer, published_now, writer_of  # noqa: PLC0415
    from app.progress import row_progress  # noqa: PLC0415
    from app.regions import read_region  # noqa: PLC0415

    settings = _settings("commands")
    writer_of(file)
    declarations = read_declarations()
    service = read_service(settings.public_url, read_region(settings.region_path).title)
    with embedded.database(settings, "amdis export") as urls, row_progress(file.name) as progress:
        catalogue = asyncio.run(published_now(declarations, urls.public))
        state = export_layer(urls.public, catalogue, service, layer, file, progress, release)
    print(f"{file}: {state.count} features, release {state.release}")


user = typer.Typer(no_args_is_help=True, help="People of the collaboration area.")
cli.add_typer(user, name="user")


@user.command(
    "create",
    epilog='Example: amdis user create --email a.tan@example.org --name "A. Tan" --organisation "ASEAN Secretariat"',
)
def create_user(
    email: Annotated[str, typer.Option(help="Address of the person.")],
    name: Annotated[str, typer.Option(help="Name of the person.")],
    organisation: Annotated[str, typer.Option(help="Who delegates them; it is added if it is not there.")],
    role: Annotated[str, typer.Option(help="Role of the mandate.")] = "secretariat",
    country: Annotated[str, typer.Option(help="Member state (ISO 3166 alpha-3) of a national role.")] = "",
    days: Annotated[int, typer.Option(min=1, max=1098, help="How long the mandate lasts.")] = 365,
) -> None:
    """Open an account and print the link, good for 24 hours, by which the person sets their own password."""
    from app.access.people.commands import NewAccount, create  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    settings = _settings("commands")
    asked = NewAccount(email, name, organisation, role, country or None, days)
    with database(settings, "amdis user create") as urls:
        link, expires_at = create(settings, urls, asked)
    print(f"{name} can set up the account until {expires_at:%d %B %Y %H:%M} UTC, once, at\n{link}")


@user.command("list", epilog="Example: amdis user list | grep contributor")
def list_users() -> None:
    """Show who has an account, under which mandates, and by what second factor they sign in."""
    from app.access.people.commands import HEADINGS, columns, listed  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    with database(_settings("commands"), "amdis user list") as urls:
        rows = listed(urls)
    for line in columns([HEADINGS, *rows]) if rows else ["There is nobody yet; `amdis user create` opens an account."]:
        print(line)


@user.command("invite-again", epilog="Example: amdis user invite-again a.tan@example.org")
def invite_user_again(email: Annotated[str, typer.Argument(help="Address of the person.")]) -> None:
    """Print a new link, good for 24 hours, for somebody who has not set up the account; the one before is void."""
    from app.access.people.commands import invite_again  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    settings = _settings("commands")
    with database(settings, "amdis user invite-again") as urls:
        link, expires_at = invite_again(settings, urls, email)
    print(f"{email} can set up the account until {expires_at:%d %B %Y %H:%M} UTC, once, at\n{link}")


@user.command("reset-password", epilog="Example: amdis user reset-password a.tan@example.org")
def reset_user_password(email: Annotated[str, typer.Argument(help="Address of the person.")]) -> None:
    """Print a link by which somebody sets a new password, where no mail is sent from here.

    Make sure first who asks, and hand the link to nobody else.
    """
    from app.access.people.commands import reset_password  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    settings = _settings("commands")
    with database(settings, "amdis user reset-password") as urls:
        link, expires_at = reset_password(settings, urls, email)
    print(f"{email} can set a new password until {expires_at:%d %B %Y %H:%M} UTC, once, at\n{link}")


@user.command("reset-second-factor", epilog="Example: amdis user reset-second-factor a.tan@example.org")
def reset_user_second_factor(email: Annotated[str, typer.Argument(help="Address of the person.")]) -> None:
    """Remove somebody's code generator, passkeys and recovery codes, and end their sessions.

    Make sure first who asks: after this the password alone opens the way to a new second factor.
    """
    from app.access.people.commands import reset_second_factor  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    with database(_settings("commands"), "amdis user reset-second-factor") as urls:
        removed = reset_second_factor(urls, email)
    print(f"{email}: {removed} second factors removed, all sessions ended.")


audit = typer.Typer(no_args_is_help=True, help="The log of who did what.")
cli.add_typer(audit, name="audit")


@audit.command("verify", epilog="Example: amdis audit verify")
def verify_audit() -> None:
    """Check that no line of the log was changed, taken out or moved; exit code 1 if one was."""
    from app.access.log.commands import verify_log  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    settings = _settings("commands")
    with database(settings, "amdis audit verify") as urls:
        found = verify_log(settings, urls)
    if not found.valid:
        print(f"The log is broken at line {found.first_broken} of {found.lines}. {found.why}")
        raise typer.Exit(1)
    sealed = f"sealed until {found.sealed_until:%d %B %Y %H:%M} UTC" if found.sealed_until else "not sealed yet"
    print(f"The log is whole: {found.lines} lines, {sealed}.")


@audit.command("export", epilog="Example: amdis audit export audit.jsonl --from 2026-01-01")
def export_audit(
    file: Annotated[Path, typer.Argument(help="The file to write: .csv or .jsonl.")],
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, in UTC.")] = None,
) -> None:
    """Write the log to a file, the oldest line first."""
    from app.access.log.commands import export_log  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415

    settings = _settings("commands")
    days = (since.date() if since else None, until.date() if until else None)
    with database(settings, "amdis audit export") as urls:
        count = export_log(urls, file, *days)
    print(f"{file}: {count} lines")


@cli.command(epilog="Example: amdis worker --concurrency 2")
def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs at once.")] = 1,
) -> None:
    """Do jobs from the queue until Ctrl-C; any number of workers on any host may run beside `amdis up`."""
    import asyncio  # noqa: PLC0415

    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415

    from app.chores import chores  # noqa: PLC0415
    from app.db.embedded import database  # noqa: PLC0415
    from app.jobs.queue import work  # noqa: PLC0415

    settings = _settings("worker")
    with database(settings, "amdis worker") as urls, chores(settings, urls) as regular:
        try:
            asyncio.run(work(urls.app, concurrency, regular))
        except ConnectorException as error:
            raise ServerError(f"The job worker lost the database: {error.__cause__ or error}") from error


@cli.command(
    epilog="Example: amdis bench --quick --rows items,tile-first",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def bench() -> None:
    """Measure rates and latencies beside comparable servers and print a table (its own --help tells the options)."""
    import runpy  # noqa: PLC0415

    root = Path(__file__).resolve().parent.parent
    if not (root / "tests" / "bench" / "__main__.py").exists():
        raise ServerError("The benchmark is part of the source tree (tests/bench), not of an installed package.")
    sys.path.insert(0, str(root))
    runpy.run_module("tests.bench", run_name="__main__")


def _settings(log_name: str) -> Settings:
    from app.logs import configure_logging  # noqa: PLC0415

    settings = load_settings()
    configure_logging(settings, log_name, terminal=logging.WARNING)
    return settings


def _show_warning(message: Warning | str, category: type[Warning], *_where: object, **_more: object) -> None:
    # A wrong variable is the person's matter; what libraries warn of is ours, and tests make errors of it.
    if issubclass(category, UnknownSettingWarning):
        print(f"amdis: {message}", file=sys.stderr)


if __name__ == "__main__":
    main()
