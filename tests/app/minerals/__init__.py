"""Tests of the vocabularies and crosswalk."""
