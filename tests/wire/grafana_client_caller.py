"""Make calls with the unmodified grafana-client, in its own environment, as standard input asks for them.

A line is a JSON list: the class, port, credential (a token, or name and password), id of the organization or
null, the method with dots, its arguments. The answering line has what it returned, or how it failed.
"""

import asyncio
import inspect
import json
import sys
from operator import attrgetter

import grafana_client
from grafana_client.client import GrafanaException

KINDS = {"GrafanaApi": grafana_client.GrafanaApi, "AsyncGrafanaApi": grafana_client.AsyncGrafanaApi}


def called(line: str) -> object:
    kind, port, credential, org, method, arguments = json.loads(line)
    auth = tuple(credential) if isinstance(credential, list) else credential
    api = KINDS[kind](auth, host="127.0.0.1", port=port, organization_id=org)
    try:
        answer = attrgetter(method)(api)(**arguments)
        return {"answer": asyncio.run(awaited(answer)) if inspect.isawaitable(answer) else answer}
    except GrafanaException as error:
        return {"failed": type(error).__name__, "status": error.status_code, "told": error.response}
    except Exception as error:  # noqa: BLE001 - whoever asked tells a bug from a refusal
        return {"failed": type(error).__name__, "status": None, "told": str(error)}


async def awaited(answer: object) -> object:
    return await answer  # type: ignore[misc] # it was looked at


if __name__ == "__main__":
    for asked in sys.stdin:
        print(json.dumps(called(asked)), flush=True)  # noqa: T201 - this is how it answers
