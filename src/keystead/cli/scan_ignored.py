"""What git would ignore: .gitignore of a folder and of those above it, and .git/info/exclude."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

NEVER = frozenset({".git", ".hg", ".svn"})


@dataclass(frozen=True, slots=True)
class Ignored:
    """The patterns that hold in one folder; those of the folder itself come last and win."""

    specs: tuple[
        tuple[str, GitIgnoreSpec], ...
    ]  # each with its folder, as an absolute path that ends in a slash

    def inside(self, folder: str) -> "Ignored":
        spec = _spec_at(Path(folder, ".gitignore"))
        return self if spec is None else Ignored((*self.specs, (folder.rstrip("/") + "/", spec)))

    def holds(self, path: str, *, is_folder: bool) -> bool:
        for folder, spec in reversed(self.specs):
            decided = spec.check_file(path[len(folder) :] + ("/" if is_folder else "")).include
            if decided is not None:
                return decided
        return False


def ignored_above(folder: Path) -> Ignored:
    """Return what the folders above say, up to the one that holds the repository; nothing outside of one."""
    home = next((above for above in (folder, *folder.parents) if Path(above, ".git").exists()), None)
    if home is None:
        return Ignored(())
    exclude = _spec_at(_git_folder(home) / "info" / "exclude")
    ignored = Ignored(() if exclude is None else ((f"{home}".rstrip("/") + "/", exclude),))
    for above in _from_home(home, folder):
        ignored = ignored.inside(str(above))
    return ignored


def _from_home(home: Path, folder: Path) -> Iterator[Path]:
    """Yield the folders from the repository's down to the one above the scanned folder."""
    for above in reversed(folder.parents):
        if above == home or home in above.parents:
            yield above


def _git_folder(home: Path) -> Path:
    """Return where git keeps what its work trees share; in one of them, .git is a file that leads there."""
    git = home / ".git"
    if git.is_dir():
        return git
    lead = home / _read(git).removeprefix("gitdir:").strip()
    return lead / (_read(lead / "commondir").strip() or ".")


def _spec_at(path: Path) -> GitIgnoreSpec | None:
    lines = _read(path).splitlines()
    return GitIgnoreSpec.from_lines(lines) if lines else None


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
