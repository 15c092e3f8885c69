"""Submissions: rows of a member state on their way to publication."""
