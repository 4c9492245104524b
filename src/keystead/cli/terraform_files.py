"""The files that Terraform reads and writes: configurations by folder, states that nobody else may read."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from keystead.cli.remote import fail
from keystead.core.terraform.hcl import KEY

_ENDS = (".tf", ".tf.json")
_PRIVATE = 0o600
_NO_CONFIGURATION = {".terraform", ".git"}


def modules_below(folder: Path) -> Iterator[dict[str, bytes]]:
    """Yield the files of each module that says anything of API keys, by their path below the folder."""
    if not folder.is_dir():
        fail(f"{folder} is no folder.")
    for place, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if name not in _NO_CONFIGURATION)
        paths = [Path(place, name) for name in sorted(names) if is_read(name)]
        files = {path.relative_to(folder).as_posix(): read(path) for path in paths}
        if any(KEY.encode() in source for source in files.values()):
            yield files


def is_read(name: str) -> bool:
    """Say whether Terraform reads a file of this name; what editors leave, it does not."""
    return name.endswith(_ENDS) and not name.startswith((".", "#")) and not name.endswith("~")


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}.")


def write_files(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Write all files or, where one was changed meanwhile, none."""
    for path in after:
        if read(folder / path) != before[path]:
            fail(f"{path} was changed meanwhile. Nothing was written; start again.")
    for path, text in after.items():
        target = (folder / path).resolve()
        replace_file(target, text, mode=target.stat().st_mode & 0o777)


def replace_file(target: Path, text: bytes, *, mode: int) -> None:
    """Put a file in the place of another, or write a new one: the whole of it or nothing."""
    try:
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # 0600 from the start
        try:
            with os.fdopen(number, "wb") as file:
                file.write(text)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink()
            raise
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror}.")


def read_state(path: Path | None) -> bytes:
    """Return a state from a file, or from standard input."""
    return sys.stdin.buffer.read() if path is None else read(path)


def check_writable(before: Path | None, out: Path | None) -> None:
    """A state is full of secrets, and no screen gets it; nor is the old one lost."""
    if out is None and sys.stdout.isatty():
        fail("a state is full of secrets. Send it on: | terraform state push -, or --out FILE.")
    if out is not None and before is not None and out.resolve() == before.resolve():
        fail("the old state is your way back. Write the new one to another file.")


def write_state(path: Path | None, text: bytes) -> None:
    """Write a state to a file that nobody else may read, or to standard output."""
    if path is None:
        typer.get_binary_stream("stdout").write(text)
    else:
        replace_file(path.resolve(), text, mode=_PRIVATE)
