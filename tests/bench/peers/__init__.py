"""Programs that run the peers; each is started by the Python of the peer's own environment."""
