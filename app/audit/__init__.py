"""The log of who did what: append-only, each line chained to the one before."""
