"""Files that hold secrets: written whole or not at all, and readable by their owner alone."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keystead.core.installation.errors import FileLoose, FileUnusable, FolderLoose

_OTHERS = 0o077  # group and everybody
_LARGEST_BYTES = 65_536


def make_private_folder(path: Path) -> None:
    """Make the folder with mode 0700; close an open one that is still empty.

    Raises FolderLoose, FileUnusable.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            return
        if any(path.iterdir()):
            raise FolderLoose(str(path))
        path.chmod(0o700)
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from None


def read_private(path: Path, *, refused_mode: int = _OTHERS) -> bytes | None:
    """Return what the file holds; None when there is none.

    `refused_mode` are the permission bits that the file must not have.
    Raises FileLoose, FileUnusable.
    """
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & refused_mode:
                raise FileLoose(str(path))
            return file.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from None


def write_private(path: Path, content: bytes) -> None:
    """Put the file in place of an older one, with mode 0600. After this it survives a power cut.

    Raises FileUnusable.
    """
    draft = None
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from None
    finally:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked_folder(path: Path) -> Iterator[None]:
    """Let one process at a time look and write. Raises FileUnusable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FileUnusable(f"{path}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back
