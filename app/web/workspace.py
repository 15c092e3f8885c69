"""The page of the workspace: its frame in the language of the profile once somebody is signed in, before in the
browser's."""

from collections.abc import Callable
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.web.languages import Language
from app.web.pages import Pages

ProfileLanguage = Callable[[Request], str | None]
"""The code of the language in the profile of whoever is signed in, None where nobody is."""


class WorkspacePage:
    """``/workspace`` and all below it, of which the application in the page makes the screens."""

    def __init__(self, pages: Pages, profile_language: ProfileLanguage) -> None:
        self._pages = pages
        self._profile_language = profile_language

    def routes(self) -> list[Route]:
        """Paths of the site."""
        return [Route("/workspace", self.serve), Route("/workspace/{path:path}", self.serve)]

    async def serve(self, request: Request) -> Response:
        """The page; its application tells by data-of-profile whether it is in the language of a profile."""
        code = await run_in_threadpool(self._profile_language, request)
        language = self._language(request, code)
        # Who has a profile changes the language there.
        chooser = {} if code else {"address": self._pages.addresses(request)}
        page = self._pages.render("workspace.html", language, of_profile=code is not None, **chooser)
        headers = {"Cache-Control": "private, no-cache", "Vary": "Accept, Accept-Language, Cookie"}
        return HTMLResponse(page, headers=headers | {"Content-Language": language.code})

    def _language(self, request: Request, code: str | None) -> Language:
        languages = self._pages.languages
        browsers = languages.nearest(request)
        if code is None or code not in languages or code == browsers.code:
            return browsers
        # The public pages follow the browser: links to them say the language.
        return replace(languages[code], asked=True)
