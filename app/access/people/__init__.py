"""Organisations, the people they delegate, and the mandates these hold."""
