"""Chromium, the server it visits, and a console that must stay clean."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.household import CURL, Household, Person, household
from tests.browser.stage import Stage, stage

CHROMIUM = os.environ.get("KEYSTEAD_CHROMIUM") or shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]
NewContext = Callable[..., BrowserContext]
TakePicture = Callable[[Page, str], None]
ARTIFACTS = Path(__file__).parents[2] / "artifacts"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    if CHROMIUM is None:
        reason = "no Chromium: install it (Debian: chromium fonts-dejavu-core fonts-liberation)"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS, "headless": True}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {**browser_context_args, "reduced_motion": "reduce", "timezone_id": "UTC", "locale": "en-GB"}


@pytest.fixture(scope="session")
def stage_server() -> Iterator[Stage]:
    with stage() as running:
        yield running


@pytest.fixture(scope="session")
def home() -> Iterator[Household]:
    if CURL is None:
        (pytest.fail if "CI" in os.environ else pytest.skip)("no curl: install it")
    with household() as running:
        yield running


@pytest.fixture
def admin(home: Household) -> Person:
    """Somebody with the role Admin, in an organization that is new."""
    return home.person()


@pytest.fixture(scope="session")
def take_picture() -> TakePicture:
    """Leave a picture for somebody to look at; in CI nobody does."""
    ARTIFACTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        if "CI" not in os.environ:
            size = page.viewport_size
            assert size is not None
            height = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({**size, "height": height})  # or the rail ends half way
            page.screenshot(path=ARTIFACTS / f"{name}.png", animations="disabled", caret="hide")
            page.set_viewport_size(size)

    return take


class Console:
    """What the browser complained about: a breach of the content policy comes this way too."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        is_status = "the server responded with a status of" in message.text
        if message.type in {"error", "warning"} and not is_status:
            self.complaints.append(message.text)


@pytest.fixture
def console(context: BrowserContext) -> Iterator[Console]:
    console = Console()
    console.listen(context)
    yield console
    assert console.complaints == []


@pytest.fixture
def clean(page: Page, console: Console) -> Page:
    """A page whose console must stay clean."""
    assert console.complaints == []
    return page


@pytest.fixture(scope="session")
def lasting_tab(browser: Browser) -> Iterator[tuple[Page, Console]]:
    """One tab for all that only look: hundreds of contexts would cost minutes."""
    context = browser.new_context(reduced_motion="reduce", timezone_id="UTC", locale="en-GB")
    context.add_init_script(AXE_SCRIPT)  # kept in the browser, where sending it to each page takes long
    console = Console()
    console.listen(context)
    yield context.new_page(), console
    context.close()


@pytest.fixture
def lasting_console(lasting_tab: tuple[Page, Console]) -> Console:
    lasting_tab[1].complaints.clear()
    return lasting_tab[1]


@pytest.fixture
def lasting(lasting_tab: tuple[Page, Console]) -> Page:
    return lasting_tab[0]


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def tab(request: pytest.FixtureRequest, new_context: NewContext, console: Console) -> Page:
    """A page whose console must stay clean, once with JavaScript and once without."""
    context = new_context(java_script_enabled=request.param)
    console.listen(context)
    return context.new_page()
