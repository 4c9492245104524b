"""The files below a path, and what is read of them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from keystead.cli.scan_ignored import NEVER, Ignored, ignored_above
from keystead.core.scan.finding import Finding
from keystead.core.scan.scan import is_binary, scan

Skipped: TypeAlias = Literal["binary", "large", "unreadable"]


class Listed(NamedTuple):
    path: str  # how it is opened
    shown: str  # relative to the scanned folder, with slashes


class Scanned(NamedTuple):
    shown: str
    findings: list[Finding]
    skipped: Skipped | None


def files_below(path: Path) -> Iterator[Listed]:
    """Yield each file that git would not ignore, in order of names. Links are not followed.

    A file that is named itself is scanned whatever git says.
    """
    path = path.absolute()
    if not path.is_dir():
        yield Listed(str(path), path.name)
        return
    path = path.resolve()
    folders = [(str(path), "", ignored_above(path))]
    while folders:
        folder, shown, ignored = folders.pop()
        ignored = ignored.inside(folder)
        below: list[tuple[str, str, Ignored]] = []
        for entry in _entries(folder):
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name in NEVER or ignored.holds(entry.path, is_folder=is_folder):
                continue
            if is_folder:
                below.append((entry.path, f"{shown}{entry.name}/", ignored))
            elif entry.is_file(follow_symlinks=False):
                yield Listed(entry.path, shown + entry.name)
        folders += reversed(below)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def scan_files(listed: list[Listed], *, wants_all: bool, most_bytes: int) -> list[Scanned]:
    """Return the files in which something was found, and those that were skipped."""
    scanned = (_scan_file(one, wants_all=wants_all, most_bytes=most_bytes) for one in listed)
    return [one for one in scanned if one.findings or one.skipped]


def _scan_file(listed: Listed, *, wants_all: bool, most_bytes: int) -> Scanned:
    try:
        descriptor = os.open(listed.path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Scanned(listed.shown, [], "unreadable")
            content = file.read(most_bytes + 1)
    except OSError:
        return Scanned(listed.shown, [], "unreadable")
    if is_binary(content):
        return Scanned(listed.shown, [], "binary")
    if len(content) > most_bytes:
        return Scanned(listed.shown, [], "large")
    return Scanned(listed.shown, scan(listed.shown, content, wants_all=wants_all), None)
