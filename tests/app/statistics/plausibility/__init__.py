"""Tests of the checks of plausibility."""
