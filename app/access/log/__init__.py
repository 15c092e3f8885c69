"""The audit log as those see it whose mandate covers it: searched, exported, and its chain verified."""
