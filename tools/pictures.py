"""Make the pictures of the pages in docs/pictures. Run: `make pictures`.

A server with a fixed clock and made-up keys runs on a scratch folder, on loopback, and is thrown away.
"""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from threading import Thread

from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from keystead.bootstrap.first_start import prepare_installation
from keystead.bootstrap.parts import make_deps, open_storage
from keystead.bootstrap.serving import make_app
from keystead.core.access.principal import Origin
from keystead.core.access.roles import Role
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.model import CredentialId
from keystead.core.secret import Secret
from keystead.core.usage.model import Outcome
from keystead.http.deps import Deps
from keystead.settings import read_settings
from keystead.storage.keyring import read_keyring
from keystead.usecases import accounts, credentials, serviceaccounts
from keystead.usecases.accounts import Profile
from keystead.usecases.serviceaccounts import NewServiceAccount
from keystead.usecases.tokens import create_token
from tools.palette_png import with_palette
from tools.picture_commands import terminal, written

PICTURES = Path(__file__).parents[1] / "docs/pictures"
MAX_BYTES = 80_000
NOW = UnixSeconds(1_795_379_400)  # 2026-11-22 20:30:00 UTC
HOUR_S, DAY_S = 3600, 86_400
FLAGS = ("--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--force-color-profile=srgb")
KEYS = (  # name, role, made so long ago, good for so long, last used so long ago (0: never)
    ("alert-bridge", Role.EDITOR, 3 * DAY_S, 30 * DAY_S, 5 * HOUR_S),
    ("backup-cron", Role.ADMIN, 24 * DAY_S, 30 * DAY_S, 12 * HOUR_S),
    ("billing-export", Role.VIEWER, 9 * DAY_S, 30 * DAY_S, 45 * 60),
    ("ci-deploy", Role.EDITOR, 4 * HOUR_S, 12 * HOUR_S, 130),
    ("edge-gateway", Role.EDITOR, 2 * DAY_S, 28 * DAY_S, 8),
    ("legacy-wiki", Role.VIEWER, 25 * DAY_S, 30 * DAY_S, 11 * HOUR_S),
    ("load-test", Role.VIEWER, HOUR_S, DAY_S, 0),
    ("nightly-report", Role.VIEWER, 10 * DAY_S, 7 * DAY_S, 4 * DAY_S),
    ("old-laptop", Role.EDITOR, 16 * DAY_S, 7 * DAY_S, 10 * DAY_S),
    ("partner-readonly", Role.VIEWER, 2 * DAY_S, 30 * DAY_S, 17 * HOUR_S),
    ("provisioner", Role.ADMIN, 18 * DAY_S, 30 * DAY_S, 20 * 60),
    ("status-page", Role.VIEWER, 5 * DAY_S, 28 * DAY_S, 9),
    ("terraform", Role.EDITOR, 12 * DAY_S, 30 * DAY_S, 11 * DAY_S),
)
OUTCOMES = (*4 * (Outcome.ALLOWED,), Outcome.DENIED, Outcome.ALLOWED)  # of a busy hour, in their order
ACCOUNTS = (  # name, role, its tokens: name, good for so long (0: for ever)
    ("autogen-1-billing-export", Role.VIEWER, ()),  # in the way of the account of a key
    ("deploy bot", Role.EDITOR, (("runner-a", 5 * DAY_S), ("runner-b", 26 * DAY_S))),
    ("reports", Role.VIEWER, (("backfill", 0), ("nightly", 3 * DAY_S), ("weekly", 29 * DAY_S))),
    ("terraform", Role.ADMIN, (("plan", 28 * DAY_S),)),
)


@dataclass(slots=True)
class Hands:
    """A clock that stands where it was set."""

    at: UnixSeconds = NOW

    def __call__(self) -> UnixSeconds:
        return self.at

    def ago(self, seconds: int) -> None:
        self.at = UnixSeconds(NOW - seconds)


def made_up(numbers: Iterator[int], length: int) -> str:
    """Return what looks random and is the same each time: the pictures change only with the pages."""
    return sha256(f"{next(numbers)}".encode()).hexdigest()[:length]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a new installation with its keys while the block runs; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = {"server.data_dir": str(folder / "data"), "server.port": port}
    settings = read_settings({}, file=None, flags=flags, command="dev")
    prepare_installation(settings)
    storage, clock = open_storage(settings), Hands()
    keyring = read_keyring(settings.secrets_path)
    deps = make_deps(settings, storage, keyring, clock, random=partial(made_up, count()))
    furnish(deps, clock)
    server = Server(make_app(deps), port=port, interface=Interfaces.ASGINL, log_enabled=False)
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = Thread(target=runner.run, args=[server.serve()])
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(server.stop)
            thread.join()
    storage.database.close()


def furnish(deps: Deps, clock: Hands) -> None:
    """Make the keys and their uses, each at its time, and set the clock to the time of the pictures."""
    admin = deps.people.by_password("admin", Secret("admin"), None, Origin()).principal
    with deps.write() as db:
        profile = Profile("admin", "ada@keystead.example", "Ada Lovelace")
        accounts.update_user(db, admin, admin.account_id, profile, clock=clock)
    for name, role, made_s, good_s, used_s in sorted(KEYS, key=lambda key: -key[2]):
        clock.ago(made_s)
        with deps.write() as db:
            made = credentials.create_key(db, admin, name=name, role=role, lifetime_s=good_s, rules=deps.keys)
        if used_s:
            use(deps, clock, made.id, since_s=made_s, until_s=used_s)
    for name, account_role, tokens in ACCOUNTS:
        clock.ago(20 * DAY_S)
        with deps.write() as db:
            new = NewServiceAccount(name, account_role)
            account = serviceaccounts.create_service_account(db, admin, new, clock=clock)
        for token, good_s in tokens:
            clock.ago(18 * DAY_S if good_s == 0 else 20 * DAY_S)
            lifetime_s = good_s and good_s + 20 * DAY_S
            with deps.write() as db:
                rules = deps.tokens
                issued = create_token(db, admin, account.id, name=token, lifetime_s=lifetime_s, rules=rules)
            use(deps, clock, issued.id, since_s=18 * DAY_S, until_s=HOUR_S)
    deps.uses.flush()
    clock.ago(0)


def use(deps: Deps, clock: Hands, id_: CredentialId, *, since_s: int, until_s: int) -> None:
    """Let a credential be used now and then, the last time `until_s` before the pictures."""
    origin = Origin("10.0.4.7", "", "curl/8.5", "GET /api/org")
    for ago_s in (*range(since_s, until_s, -5 * HOUR_S), until_s):
        clock.ago(ago_s)
        for outcome in OUTCOMES[: 1 + (ago_s // HOUR_S + id_) % len(OUTCOMES)]:
            deps.uses.count(id_, outcome, origin)


@dataclass(frozen=True, slots=True)
class Studio:
    browser: Browser
    url: str

    def take(self, name: str, scene: Callable[[Page], None], *, size: tuple[int, int], theme: str) -> None:
        """Open the pages in a browser of its own, let the scene happen, and keep what is seen."""
        viewport = ViewportSize(width=size[0], height=size[1])
        context = self.browser.new_context(
            base_url=self.url,
            viewport=viewport,
            color_scheme="light" if theme == "light" else "dark",
            reduced_motion="reduce",
            timezone_id="UTC",
        )
        page = context.new_page()
        page.clock.set_fixed_time(NOW)
        page.goto("/login?redirectTo=/org/apikeys")
        scene(page)
        png = with_palette(page.screenshot(animations="disabled", caret="hide"))
        context.close()
        if len(png) > MAX_BYTES:
            raise SystemExit(f"{name} has {len(png)} bytes")
        (PICTURES / name).write_bytes(png)
        print(f"{name} {len(png):,} bytes")


def look(_page: Page) -> None:
    """Leave the page as it is."""


def sign_in(page: Page) -> None:
    page.get_by_label("Email or username").fill("admin")
    page.get_by_label("Password", exact=True).fill("admin")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("rowheader").first).to_be_visible()


def overview(page: Page) -> None:
    sign_in(page)
    page.goto("/")


def account(page: Page) -> None:
    sign_in(page)
    page.goto("/org/serviceaccounts?query=reports")
    page.get_by_role("link", name="reports , details").click()
    expect(page.get_by_role("heading", name="Tokens")).to_be_visible()


def health(page: Page) -> None:
    sign_in(page)
    page.goto("/org/health")


def with_expired(page: Page) -> None:
    sign_in(page)
    page.goto("/org/apikeys?includeExpired=on&sort=expires")
    page.locator("summary").nth(3).click()


def open_gear(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Configuration").hover()
    expect(page.locator("#menu-configuration")).to_be_visible()


def fill_in_form(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="New API key").click()
    page.get_by_label("Key name").fill("image-builder")
    page.get_by_label("Role").select_option("Editor")
    page.get_by_label("Time to live", exact=True).fill("12h")
    expect(page.locator("#m-ttl")).to_contain_text("in 12 hours")


def create(page: Page) -> None:
    fill_in_form(page)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def preview(page: Page) -> None:
    sign_in(page)
    page.goto("/org/migration")


def ask_to_migrate(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="Migrate to service accounts now").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def migrate(page: Page) -> None:
    """Migrate all keys, so this comes last."""
    ask_to_migrate(page)
    page.get_by_role("button", name="Yes, migrate now").click()
    expect(page.get_by_role("heading", name="All API keys have been migrated")).to_be_visible()


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("KEYSTEAD_CHROMIUM") or shutil.which("chromium")  # noqa: TID251 - as in the tests
    if chromium is None:
        raise SystemExit("no Chromium: install it (Debian: chromium fonts-dejavu-core fonts-liberation)")
    with (
        tempfile.TemporaryDirectory(prefix="keystead-pictures-") as folder,
        served(Path(folder)) as url,
        sync_playwright() as playwright,
    ):
        studio = Studio(playwright.chromium.launch(executable_path=chromium, args=[*FLAGS]), url)
        studio.take("overview.png", overview, size=(1280, 900), theme="dark")
        studio.take("service-account.png", account, size=(1280, 960), theme="light")
        studio.take("health.png", health, size=(1280, 720), theme="dark")
        studio.take("login.png", look, size=(900, 640), theme="dark")
        studio.take("apikeys.png", sign_in, size=(1280, 800), theme="dark")
        studio.take("apikeys-light.png", with_expired, size=(1280, 900), theme="light")
        studio.take("gear-menu.png", open_gear, size=(1000, 600), theme="dark")
        studio.take("new-key.png", fill_in_form, size=(1280, 720), theme="dark")
        studio.take("phone.png", fill_in_form, size=(320, 1430), theme="light")
        studio.take("migration-preview.png", preview, size=(1280, 1060), theme="dark")
        studio.take("migration-confirm.png", ask_to_migrate, size=(1280, 800), theme="light")
        studio.take("key-created.png", create, size=(1280, 720), theme="light")
        studio.take("migration-done.png", migrate, size=(1280, 480), theme="light")
        files = written(Path(folder) / "files")
        rewrite, scan = "keystead migrate terraform infra --check", "keystead scan ."
        studio.take("terraform.png", terminal(rewrite, files, url), size=(920, 570), theme="dark")
        studio.take("scan.png", terminal(scan, files, url), size=(920, 380), theme="dark")
        studio.browser.close()


if __name__ == "__main__":
    main()
