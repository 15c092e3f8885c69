"""Filters in CQL2 (OGC 21-065r2): text or JSON -> a checked tree -> a SQLAlchemy condition with bound values."""

from gis.filters.compiler import Conjunct, Filter, FilterCompiler, Narrower
from gis.filters.concepts import Concepts
from gis.filters.parse import FilterTree, parse_json, parse_text
from gis.filters.search import search

__all__ = [
    "Concepts",
    "Conjunct",
    "Filter",
    "FilterCompiler",
    "FilterTree",
    "Narrower",
    "parse_json",
    "parse_text",
    "search",
]
