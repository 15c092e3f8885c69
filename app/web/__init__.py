"""Delivery of pages to people: the landing page, the page of the map, static files, error pages, security headers."""
