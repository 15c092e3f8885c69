"""Who may do what, for how long: people, mandates, rights, sessions, keys."""
