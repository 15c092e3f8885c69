"""Estimates of resources and reserves: what of them may be added, and how they stand in the UNFC."""
