"""API keys: what programs act with for a person, made, listed and revoked; and the key in a path."""
