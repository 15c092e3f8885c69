"""Submissions of member states: what stands in drafts, and where it is on its way to being published."""
