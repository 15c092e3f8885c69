"""The table of rights, the roles it is about, and the row-level security made from it."""
