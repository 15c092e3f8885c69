"""The queue: work that is done later, by a worker on any host, and survives the death of whoever does it."""
