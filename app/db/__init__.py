"""The database: its private cluster, its roles, its migrations, and how to reach it."""
