"""Malformed requests in any number, from a seed: python -m tests.fuzz --requests 10000."""
