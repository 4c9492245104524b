"""The examples of docs/python.md do what it says."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.server import a_key

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

GUIDE = Path(__file__).parents[2] / "docs/python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)


def run(example: str, server: str) -> dict[str, object]:
    """Run it in a thread of its own: it may start an event loop."""
    names: dict[str, object] = {}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(exec, example.replace("http://127.0.0.1:3000", server), names).result()
    return names


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"number {number}" for number, _ in enumerate(EXAMPLES, 1)]
)
def test_an_example_runs(
    example: str, server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("KEYSTEAD_TOKEN", a_key(server, name=f"example {request.node.name}"))
    run(example, server)


def test_the_application_is_guarded_as_it_says(server: str) -> None:
    app = run(EXAMPLES[-1], server)["app"]
    tokens = {
        role: a_key(server, name=f"example of {role}", role=role) for role in ("Viewer", "Editor", "Admin")
    }

    def status(method: str, path: str, role: str = "") -> int:
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role else {}
        return client.request(method, path, headers=headers).status_code

    with TestClient(app) as client:  # type: ignore[arg-type] # what the example made
        assert client.get("/", headers={"Authorization": f"Bearer {tokens['Viewer']}"}).json() == {
            "org": 1,
            "role": "Viewer",
        }
        assert status("GET", "/") == 401
        assert status("GET", "/health") == 200
        assert [status("PUT", "/reports/q1", role) for role in ("Viewer", "Editor")] == [403, 200]
        assert [status("GET", "/reports/q1", role) for role in ("Editor", "Admin")] == [403, 200]
