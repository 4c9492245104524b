"""Rewrite a state of Terraform with many keys, with all that is asked of a server for it.

Run: `./run bench terraform`, or `python -m tools.bench_terraform`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2

from tools.bench_migration import MIGRATE, fill
from tools.bench_servers import PASSWORD, opened, planned, served

IN_STATE = 5_000  # of the keys of the organization, each in a resource of its own
_PROVIDER = 'provider["registry.terraform.io/grafana/grafana"]'


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="keystead-bench-") as name:
        folder = Path(name)
        plan = planned(folder / "data", "")
        plan.prepare()
        with opened(folder / "data", "") as (database, deps):
            fill(database, deps)
        url = f"http://127.0.0.1:{plan.port}"
        with served(plan), httpx2.Client(base_url=url, timeout=600) as client:
            client.post("/login", json={"user": "admin", "password": PASSWORD}).raise_for_status()
            results = client.post(MIGRATE).raise_for_status().json()["results"]
            before = folder / "before.json"
            before.write_text(state_of(results[:IN_STATE]))
            size_mib = before.stat().st_size / 2**20
            print(f"{IN_STATE:,} keys in a state of {size_mib:.1f} MiB, {len(results):,} accounts")
            measure("rewritten", url, [str(before), "--out", str(folder / "after.json")])
            measure("removed and import blocks", url, [str(before), "--way-b", "--out", str(folder / "b.tf")])
            measure("refused a second time", url, [str(folder / "after.json")], status=1)
    return 0


def state_of(keys: list[dict[str, object]]) -> str:
    resources = [resource_of(number, key) for number, key in enumerate(keys)]
    return json.dumps(
        {"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": resources}, indent=2
    )


def resource_of(number: int, key: dict[str, object]) -> dict[str, object]:
    attributes = {"id": f"1:{key['keyId']}", "key": "x" * 88, "name": key["name"], "role": key["role"]}
    attributes |= {"expiration": None, "org_id": "1", "seconds_to_live": None}
    marked = [[{"type": "get_attr", "value": "key"}]]
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": marked}
    named = {"mode": "managed", "type": "grafana_api_key", "name": f"k{number}", "provider": _PROVIDER}
    return {**named, "instances": [instance]}


def measure(told: str, url: str, words: list[str], *, status: int = 0) -> None:
    """Print how long the command takes, and its memory at most."""
    command = [sys.executable, "-m", "keystead", "migrate", "terraform-state", *words, "--url", url]
    environ = {**os.environ, "KEYSTEAD_USER": "admin", "KEYSTEAD_PASSWORD": PASSWORD}  # noqa: TID251 - handed on
    started = time.perf_counter()
    running = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    _, ended, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(ended)
    if running.returncode != status:
        raise SystemExit(f"{told}: ended with {running.returncode}")
    took = time.perf_counter() - started
    print(f"  {told:<26} {took:6.1f} s  {used.ru_maxrss / 1024:6.0f} MiB at most")


if __name__ == "__main__":
    sys.exit(main())
