"""Measure: how long `keystead scan` takes for a made tree with many files, and how much memory.

Run: `./run bench scan`. The tree is made anew each time, in a folder of its own, and removed.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

FILES, IN_A_FOLDER = 100_000, 50
LINES = 120  # about 4 KB a file
EVERY_PARSED, EVERY_FOUND = 10, 100  # one file in so many has the words in it; in so many, a call
FILLERS = {
    "py": "    total_{0} = compute(total_{0}, limit={0})",
    "go": "\ttotal{0} := compute(total{0}, {0})",
    "js": "  const total{0} = compute(total{0}, {0});",
    "ts": "  const total{0}: number = compute({0});",
    "java": "    int total{0} = compute(total, {0});",
    "rb": "  total_{0} = compute(total, {0})",
    "sh": 'total_{0}="$(compute {0})"',
    "yaml": "total_{0}: compute {0}",
    "json": '  "total_{0}": "compute {0}",',
    "tf": "# total {0}",
    "md": "The total of {0} is computed from the one before.",
}
WORDS = {
    "py": 'api = {"auth": 1, "keys": 2}',
    "js": "const api = { auth: 1, keys: 2 };",
    "md": "An api, auth, keys.",
}
CALLS = {
    "py": 'requests.get(host + "/api/auth" + "/keys")',
    "js": "fetch(`${host}/api/auth/keys`);",
    "sh": 'curl "$HOST/api/auth/keys"',
    "md": "Call `/api/auth/keys`.",
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="keystead-scan-") as folder:
        started = time.monotonic()
        size, wanted = made(Path(folder))
        print(f"{FILES:,} files, {size / 1e6:.0f} MB, made in {time.monotonic() - started:.0f} s")
        for workers in (0, 1):
            started = time.monotonic()
            command = [sys.executable, "-m", "keystead", "scan", folder, "--json", "--workers", f"{workers}"]
            told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
            took = time.monotonic() - started
            found = len(json.loads(told.stdout))
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_000
            by = f"{FILES / took:,.0f} files/s, at most {peak:.0f} MB in a process, {found} found"
            print(f"{'one process' if workers else 'a process for each core'}: {took:.1f} s, {by}")
            if found != wanted:
                print(f"{wanted} were to be found", file=sys.stderr)
                return 1
    return 0


def made(folder: Path) -> tuple[int, int]:
    """Lay the files, and return how many bytes they have and how many calls are in them."""
    size = found = 0
    for number, (ending, filler) in enumerate(islice(cycle(FILLERS.items()), FILES)):
        lines = [filler.format(line) for line in range(LINES)]
        if number % EVERY_PARSED == 0:
            lines[LINES // 2] = WORDS.get(ending, lines[0])
        if number % EVERY_FOUND == 0 and ending in CALLS:
            lines[LINES // 3] = CALLS[ending]
            found += 1
        path = (
            folder
            / f"part{number // IN_A_FOLDER // 100}"
            / f"{number // IN_A_FOLDER}"
            / f"file{number}.{ending}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_text("\n".join(lines))
    return size, found
