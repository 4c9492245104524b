"""G41: the linters, the type checker and the house rules find a bad file for each thing that they are there
for.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.test_house_rules import VIOLATIONS
from tests.reliability.figures import Goal
from tests.reliability.servers import ROOT
from tools.house_rules import findings

BIN = Path(sys.executable).parent
RUFF = {  # rule: a file under src/keystead/core that it must find
    "S102": "exec('1')\n",
    "S301": "import pickle\n\npickle.loads(b'')\n",
    "S307": "eval('1')\n",
    "S311": "import random\n\nrandom.random()\n",
    "S324": "import hashlib\n\nhashlib.md5(b'')\n",
    "S105": "password = 'hunter2'\n",
    "S108": "PATH = '/tmp/keystead'\n",
    "S110": "try:\n    import x\nexcept Exception:\n    pass\n",
    "S113": "import requests\n\nrequests.get('http://x')\n",
    "S501": "import requests\n\nrequests.get('https://x', verify=False, timeout=1)\n",
    "S506": "import yaml\n\nyaml.load('')\n",
    "S602": "import subprocess\n\nsubprocess.run('x', shell=True)\n",
    "S603": "import subprocess\n\n\ndef f(x: list[str]) -> None:\n    subprocess.run(x, check=True)\n",
    "S608": "def f(db: object, x: str) -> None:\n    db.execute(f\"SELECT * FROM t WHERE x = '{x}'\")\n",
    "S701": "import jinja2\n\njinja2.Environment()\n",
    "S101": "assert True\n",
    "TID251": "import time\n\ntime.time()\n",
    "TID252": "from . import x\n",
    "ANN401": "from typing import Any\n\n\ndef f(x: Any) -> None: ...\n",
    "BLE001": "try:\n    f()\nexcept Exception:\n    f()\n",
    "C901": "def f(a: int) -> None:\n" + "".join(f"    if a == {n}:\n        f(a)\n" for n in range(9)),
    "D100": "x = 1\n",
    "DTZ005": "import datetime\n\ndatetime.datetime.now()\n",
    "PLR0917": "def f(a: int, b: int, c: int, d: int, e: int, g: int) -> None: ...\n",
    "T201": "print(1)\n",
    "RUF100": '"""X."""\n\nx = 1  # noqa: S101\n',
    "G004": "import logging\n\nlogging.info(f'{1}')\n",
}
MYPY = {  # code: a module that it must find
    "no-untyped-def": "def f(x): ...\n",
    "arg-type": "from keystead.core.orgs.model import OrgId\n\n\ndef f(org: OrgId) -> None: ...\n\n\nf(1)\n",
    "possibly-undefined": "def f(x: bool) -> int:\n    if x:\n        y = 1\n    return y\n",
    "exhaustive-match": "from keystead.core.access.roles import Role\n\n\ndef f(role: Role) -> None:\n    match role:\n        case Role.ADMIN:\n            pass\n",  # noqa: E501 - a planted file, in one piece
    "truthy-bool": "class A: ...\n\n\ndef f(a: A) -> None:\n    if a:\n        pass\n",
    "unused-ignore": "x: int = 1  # type: ignore[assignment]\n",
    "no-any-return": "import json\n\n\ndef f() -> int:\n    return json.loads('1')\n",
    "type-arg": "def f(x: list) -> None: ...\n",
    "unreachable": "def f(x: int) -> None:\n    if isinstance(x, str):\n        f(1)\n",
}
LAYERS = {  # a module that must not import what it does
    "core/x.py": "import asyncio\n",
    "core/orgs/x.py": "from keystead.storage import schema\n",
    "storage/x.py": "from keystead.usecases import changes\n",
    "usecases/x.py": "from keystead.http import deps\n",
    "api/x.py": "from keystead.storage import schema\n",
    "api/y.py": "from keystead.forwardauth import endpoint\n",
    "http/x.py": "import sqlalchemy\n",
}


def run(*command: str, given: str | None = None, place: Path = ROOT) -> str:
    told = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        input=given,
        capture_output=True,
        text=True,
        cwd=place,
        check=False,
    )
    return told.stdout + told.stderr


def unfound_by_ruff() -> list[str]:
    """Return the rules that do not find their file."""
    missed = []
    for rule, text in RUFF.items():
        told = run(
            "ruff",
            "check",
            "--no-cache",
            "--stdin-filename",
            "src/keystead/core/orgs/bad.py",
            "-",
            given=text,
        )
        if rule not in told:
            missed.append(rule)
    return missed


def unfound_by_mypy(folder: Path) -> list[str]:
    for number, text in enumerate(MYPY.values()):
        (folder / f"bad{number}.py").write_text(text)
    told = run(
        "mypy",
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--show-error-codes",
        *map(str, folder.glob("*.py")),
    )
    return [code for code in MYPY if f"[{code}]" not in told]


def unfound_by_layers(folder: Path) -> list[str]:
    """Lint a copy of the package once for each bad module, since one can hide another."""
    shutil.copytree(ROOT / "src/keystead", folder / "keystead", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    missed = []
    for place, text in LAYERS.items():
        bad = folder / "keystead" / place
        bad.write_text(f'"""Bad."""\n\n{text}')
        told = run("lint-imports", "--no-cache", place=folder)
        module = "keystead." + place.removesuffix(".py").replace("/", ".")
        if "BROKEN" not in told or module not in told:
            missed.append(place)
        bad.unlink()
    return missed


def unfound_by_house_rules() -> list[str]:
    return [
        name
        for name, (place, source, told) in VIOLATIONS.items()
        if not any(told in message for _, message in findings(source, place))
    ]


@pytest.mark.goal("G41")
def test_each_rule_finds_its_bad_file(goal: Goal, tmp_path: Path) -> None:
    for name in ("types", "layers"):
        (tmp_path / name).mkdir()
    checks: dict[str, Callable[[], list[str]]] = {
        "ruff": unfound_by_ruff,
        "mypy": lambda: unfound_by_mypy(tmp_path / "types"),
        "layers": lambda: unfound_by_layers(tmp_path / "layers"),
        "house": unfound_by_house_rules,
    }
    missed = [f"{name}: {rule}" for name, check in checks.items() for rule in check()]
    rules = len(RUFF) + len(MYPY) + len(LAYERS) + len(VIOLATIONS)
    goal.tell("bad-files", rules=rules, findings=rules - len(missed), missed=len(missed))
    goal.hold(not missed, missed)
