"""What gives the open work of one mandate to another, of every domain that has such work."""

from app.releases.submissions import hand_over_submissions

SUCCESSIONS = (hand_over_submissions,)
