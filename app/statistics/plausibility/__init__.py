"""Whether figures go together: what a statistician looks at before believing them, one module a check."""
