"""Turn pip's settings into what uv reads. Run: `pip config list | python tools/pip_settings.py`.

Nothing of a machine stands in this repository: where packages come from is what pip has been told there.
A variable of uv that is set already is left as it is.
"""

import ast
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

PLACES = ("global", "install", ":env:")  # the later one wins, as in pip
VARIABLES = {  # pip's name -> uv's variable, and what stands between several values
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "proxy": ("ALL_PROXY", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
}


def settings(lines: Iterable[str]) -> dict[str, str]:
    """Return pip's name and text for every setting that uv knows too; a line is like `global.cert='/a/b'`."""
    ranked: dict[str, tuple[int, str]] = {}
    for line in lines:
        key, _, text = line.strip().partition("=")
        place, _, name = key.rpartition(".")
        if place in PLACES and name in VARIABLES:
            ranked[name] = max(ranked.get(name, (-1, "")), (PLACES.index(place), str(ast.literal_eval(text))))
    return {name: text for name, (_, text) in ranked.items()}


def exports(lines: Iterable[str]) -> Iterator[str]:
    """Yield one shell assignment per variable."""
    for name, text in settings(lines).items():
        variable, separator = VARIABLES[name]
        values = [value for value in text.split() if name != "find-links" or is_there(value)]
        if values:
            yield f"export {variable}=${{{variable}:-{shlex.quote(separator.join(values))}}}"


def is_there(place: str) -> bool:
    """A folder that does not exist is passed over by pip and stops uv."""
    return "://" in place or Path(place).exists()


if __name__ == "__main__":
    print("\n".join(exports(sys.stdin)))
