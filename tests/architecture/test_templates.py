"""Every template has a view or is part of another, and every view is rendered by the tests of the pages."""

import importlib
import pkgutil
import re
from importlib.resources import files
from pathlib import Path

import keystead.web
from keystead.web.render import View, make_environment
from tests.web.states import FRAGMENTS, PAGES, viewer

FOLDERS = [Path(str(files("keystead.web"))) / name for name in ("templates", "macros")]
FILES = {path.relative_to(folder).as_posix(): path for folder in FOLDERS for path in folder.rglob("*.html")}
PARTS = re.compile(r"\{%-?\s*(?:extends|include|import|from)\s+[\"']([^\"']+)[\"']")


def views() -> list[type[View]]:
    """Return every class of the pages that names its template."""
    found = []
    for module in pkgutil.walk_packages(keystead.web.__path__, "keystead.web."):
        members = vars(importlib.import_module(module.name)).values()
        found += [one for one in members if isinstance(one, type) and "template" in vars(one)]
    return found


def shown() -> list[View]:
    return [state(viewer()) for state in (*PAGES.values(), *FRAGMENTS.values())]


def test_every_template_that_is_named_exists() -> None:
    parts = {name for path in FILES.values() for name in PARTS.findall(path.read_text())}
    assert {view.template for view in views()} | parts <= set(FILES)


def test_every_template_is_used() -> None:
    parts = {name for path in FILES.values() for name in PARTS.findall(path.read_text())}
    topics = {name for name in FILES if name.startswith("help/")}  # each by its own name, from the index
    assert set(FILES) - topics == parts | {view.template for view in views()}


def test_every_view_is_among_the_states_that_are_rendered() -> None:
    assert {view.template for view in views()} == {view.template for view in shown()}


def test_every_template_compiles() -> None:
    environment = make_environment()
    for name in FILES:
        environment.get_template(name)
