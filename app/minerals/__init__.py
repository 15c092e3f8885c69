"""The minerals domain: its tables and fields, its vocabularies and rules."""
