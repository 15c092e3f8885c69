"""Figures by country, commodity and year."""
