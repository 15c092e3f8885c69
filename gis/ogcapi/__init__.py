"""pygeoapi as the frame of the OGC API: the only package that imports it."""
