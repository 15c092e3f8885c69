"""What can go wrong, as a vocabulary.

Every mistake that a person can do something about is an `AmdisError`: its text names the thing, the place and what
to do. The command line prints it as one line; the web layer gives it a status.

    AmdisError                          all that is not named here stands directly below it
    ├── DatabaseError
    │   ├── ClusterError                the private PostgreSQL cannot be made, started or stopped
    │   │   └── ClusterHeldError        another process uses the same AMDIS_HOME
    │   ├── MissingRightError           the database user may not do what the set-up needs
    │   ├── DatabaseUnavailableError    it does not answer now
    │   └── QueryTooSlowError           it took longer than one may
    ├── ConflictingFiguresError
    │   └── IncompatibleUnitsError      a unit does not convert into another one
    └── NotAllowedError
        ├── ForgedRequestError          a request does not come from a page of ours
        └── ProofNeededError            the person has to prove again who they are
"""

# SPDX-License-Identifier: Apache-2.0


class AmdisError(Exception):
    """A mistake that a person can do something about; its text is meant for them."""


class SettingsError(AmdisError):
    """A setting is missing or wrong."""


class DatabaseError(AmdisError):
    """The database cannot be reached or set up."""


class ClusterError(DatabaseError):
    """The private PostgreSQL cannot be made, started or stopped."""


class ClusterHeldError(ClusterError):
    """Another process uses the same AMDIS_HOME."""


class MissingRightError(DatabaseError):
    """The database user may not do what the set-up needs; the text holds the SQL for an administrator."""


class PortInUseError(AmdisError):
    """Another program listens on the port AMDIS was to serve on."""


class ServerError(AmdisError):
    """The web application could not be started."""


class InvalidDataError(AmdisError):
    """Data are not as their layer asks; the text names file, line and field. Nothing of them was taken."""


class DatabaseUnavailableError(DatabaseError):
    """The database does not answer now; trying again may help."""

    def __init__(self, text: str = "The database does not answer at the moment. Try again in a few seconds.") -> None:
        super().__init__(text)


class QueryTooSlowError(DatabaseError):
    """A query was stopped because it took longer than one may."""

    def __init__(self, text: str = "The query took too long and was stopped. Ask for a smaller part.") -> None:
        super().__init__(text)


class TooManyQueriesError(DatabaseError):
    """As many laborious queries run as may; trying again helps."""

    def __init__(
        self, text: str = "Too many searches and filters run at the moment. Try again in a few seconds."
    ) -> None:
        super().__init__(text)


class TooManyDownloadsError(AmdisError):
    """As many downloads run as may; trying again later helps."""


class DownloadTooLongError(AmdisError):
    """A download took longer than one may."""

    def __init__(self, text: str = "The download took too long and was stopped. Ask for a smaller part.") -> None:
        super().__init__(text)


class CollectionNotFoundError(AmdisError):
    """There is no collection of that id."""


class NotAcceptableError(AmdisError):
    """The format asked for is not one the resource has."""


class RecordNotFoundError(AmdisError):
    """The catalogue has no record of that id."""


class IdentifierNotFoundError(AmdisError):
    """No feature and no dataset has that identifier, nor ever had it."""


class StyleNotFoundError(AmdisError):
    """There is no style of that id."""


class TileMatrixSetNotFoundError(AmdisError):
    """There is no tile matrix set of that id."""


class ProjectNotFoundError(AmdisError):
    """There is no QGIS project of that name."""


class ConflictingFiguresError(AmdisError):
    """Figures that may not be added to each other were asked for as one; reasons tells each ground."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class IncompatibleUnitsError(ConflictingFiguresError):
    """A unit does not convert into another one."""

    def __init__(self, reason: str) -> None:
        super().__init__((reason,))


class ObservationNotFoundError(AmdisError):
    """There is no figure of that number."""


class UnknownCodeError(AmdisError):
    """A code that is in no list; the text names the nearest."""


class ReleaseNotFoundError(AmdisError):
    """There is no release of that number."""


class NotSignedInError(AmdisError):
    """Nobody is signed in, or no longer; the text says why."""


class NotAllowedError(AmdisError):
    """The person may not do this; the text says what they may."""


class ForgedRequestError(NotAllowedError):
    """A request that changes something does not come from a page of ours."""


class ProofNeededError(NotAllowedError):
    """The person has to prove again who they are before this. type: by which a program tells it from other refusals."""

    type = "/problems/proof-needed"


class ThingNotFoundError(AmdisError):
    """There is no such thing, or it is not for the person to see."""


class TooManyTriesError(AmdisError):
    """Too many attempts failed. retry_after: seconds after which the next one is looked at."""

    def __init__(self, text: str, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class InvalidInputError(AmdisError):
    """A value that was given cannot be taken. parameter: its name."""

    def __init__(self, parameter: str, text: str) -> None:
        super().__init__(text)
        self.parameter = parameter


class ConflictError(AmdisError):
    """What is asked for does not go with how things are; nothing was changed."""


class SignOnUnavailableError(AmdisError):
    """The provider of single sign-on does not answer as it should."""
