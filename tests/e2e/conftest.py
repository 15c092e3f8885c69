"""A real browser in front of a running AMDIS. It may talk to that server alone, and complain of nothing."""

# SPDX-License-Identifier: Apache-2.0

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.running import Running

FLAGS = (
    "--no-sandbox",
    "--disable-gpu-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], None]

# Milliseconds after which nothing more is to be expected: a busy machine takes ten times as long as an idle one.
PATIENCE = 60_000

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, with WebGL drawn in software.

    Not for the whole session: Playwright keeps an event loop running, beside which no test can run one of its own.
    """
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.fail("no Chromium found: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: Running) -> Iterator[OpenPage]:
    """Opens a path of the server in a context of its own; options are those of Browser.new_context.

    At the end the test fails if any page asked another host, or wrote an error to the console.
    """
    contexts: list[BrowserContext] = []
    strange: list[str] = []
    complaints: list[str] = []

    def watch(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("data", "blob"):
            return
        if f"{address.scheme}://{address.netloc}" != server.url:
            strange.append(request.url)

    def opened(path: str, *, expect_errors: bool = False, **options: object) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("request", watch)
        if not expect_errors:
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not strange, "requests left the machine"
    assert not complaints, "the console holds errors"


@pytest.fixture(scope="session")
def picture(request: pytest.FixtureRequest) -> Picture:
    """Takes a picture of a whole page, under a name, into the folder that --pictures names; none without it."""
    folder: Path | None = request.config.getoption("--pictures")

    def take(page: Page, name: str) -> None:
        if folder is not None:
            page.screenshot(path=folder / f"{name}.png", full_page="map" not in name)

    return take


def wait_for_map(page: Page) -> None:
    """Wait until the map has drawn all that it shows now."""
    page.wait_for_selector(".canvas")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector(".canvas[aria-busy='false']")
