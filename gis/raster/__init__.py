"""Rasters in cloud-optimised GeoTIFF."""
