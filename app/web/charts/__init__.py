"""Charts of the statistics: a question, a drawing and a line in the registry each."""
