"""The mistakes a caller of gis can make, one class each. A message names the thing, the place and what to do."""


class GisError(Exception):
    """Base of every error raised by gis. Its text may be shown to the person who asked."""


class InvalidDeclarationError(GisError):
    """A layer, style or vocabulary file says something that cannot be. Names file, line and what was expected."""


class InvalidParameterError(GisError):
    """A query parameter has a value that cannot be used.

    parameter: the name of the parameter as the caller wrote it.
    """

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class FeatureNotFoundError(GisError):
    """No feature of that identifier is in the layer."""


class MapServerUnavailableError(GisError):
    """No map server process answered in time."""


class UnreadableFileError(GisError):
    """A file is not what its format asks for. Names file, place and what is wrong."""
