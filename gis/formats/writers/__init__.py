"""Writers, one module a format: ``chunks`` gives the text of a streamed one, ``write`` makes the file of another.

Each is imported when it is first asked for; gis.formats.WRITERS describes them all.
"""
