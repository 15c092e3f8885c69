"""Delivery of the layers as OGC services."""
