"""API keys, by which programs act for a person."""
