"""Metadata records of datasets and their releases: one description, written in the forms catalogues read."""

from gis.records.record import Access, Distribution, Kind, Licence, Raster, Record, Variable, licence

__all__ = ["Access", "Distribution", "Kind", "Licence", "Raster", "Record", "Variable", "licence"]
