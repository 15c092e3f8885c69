"""Every module that declares tables, so that Base.metadata is whole once this one is imported."""

from app.db.base import Base

MODULES = (
    "app.audit.models",
    "app.notices.models",
    "app.access.models",
    "app.releases.models",
    "app.minerals.models",
    "app.statistics.models",
)
"""The dotted paths; imported by name because this package lies below the domains."""


def load_models() -> type[Base]:
    """Import every table and return the base that knows them all."""
    import importlib  # noqa: PLC0415

    for module in MODULES:
        importlib.import_module(module)
    return Base
