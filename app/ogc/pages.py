"""What the services ask of whoever makes their pages for people."""

from typing import Any, Protocol

from starlette.requests import Request

HTML = "text/html"


class ServicePages(Protocol):
    """Makes pages in the language of a request; both raise InvalidParameterError for one that there is not."""

    def language(self, request: Request) -> str:
        """The code of that language."""

    def page(self, request: Request, template: str, /, **values: Any) -> str:
        """The page of a template."""
