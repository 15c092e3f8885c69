"""Compile the project's vocabularies and a region's facts from a folder of source files."""
