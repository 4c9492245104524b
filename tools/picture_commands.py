"""What commands print, as pictures of a terminal."""

import html
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import Page

Scene: TypeAlias = Callable[[Page], None]

COLUMNS = 104
FILES = {
    "deploy/rotate.sh": 'AUTH=/api/auth\n\ncurl -X POST -d @key.json "$GRAFANA_URL$AUTH/keys"\n',
    "docs/keys.md": "Keys are listed by `/api/auth/keys`.\n",
    "infra/keys.tf": """# the key of the pipeline
resource "grafana_api_key" "ci" {
  name            = "ci-deploy"
  role            = "Editor"
  seconds_to_live = 2592000
}

output "ci_key" {
  value     = grafana_api_key.ci.key
  sensitive = true
}
""",
}
STYLE = (
    "body { margin: 0; padding: 20px 24px; background: #111217; color: #ccccdc }"
    "pre { margin: 0; font: 14px/1.5 'DejaVu Sans Mono', monospace; white-space: pre-wrap }"
    "b { color: #fff } ins { color: #6ccf8e } del { color: #ff7383 } ins, del { text-decoration: none }"
)


def written(folder: Path) -> Path:
    """Write the files that the commands look at, and return their folder."""
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def terminal(line: str, folder: Path, url: str) -> Scene:
    """Return a scene with a command line and what it prints, on both its streams."""

    def scene(page: Page) -> None:
        page.goto("about:blank")  # whose content nobody restricts
        page.set_content(
            f"<style>{STYLE}</style><pre><b>$ {html.escape(line)}</b>\n{told(line, folder, url)}</pre>"
        )

    return scene


def told(line: str, folder: Path, url: str) -> str:
    """Return what the command prints, as HTML; what a difference adds and takes is marked."""
    _, *words = line.split()
    ran = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "keystead", *words],
        cwd=folder,
        env=environment(folder, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "\n".join(marked(text) for text in ran.stdout.splitlines())


def environment(folder: Path, url: str) -> Mapping[str, str]:
    known = {"KEYSTEAD_URL": url, "KEYSTEAD_USER": "admin", "KEYSTEAD_PASSWORD": "admin"}
    return {"HOME": str(folder), "COLUMNS": str(COLUMNS), **known}


def marked(line: str) -> str:
    text = html.escape(line)
    if line.startswith("+"):
        return f"<ins>{text}</ins>"
    return f"<del>{text}</del>" if line.startswith("-") else text
