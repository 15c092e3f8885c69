"""What "published" means: the states of a row, releases, and the one door to public data."""
