"""Layers, queries, encoders, tiles and maps over PostGIS and files. Knows no web framework and no mineral."""
