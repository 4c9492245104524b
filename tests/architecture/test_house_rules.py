"""Each house rule finds what it is for, and leaves alone what it is not for."""

from pathlib import Path

import pytest

from tools.house_rules import findings, main

VIOLATIONS = {
    "a long function": ("core/x.py", "def f():\n" + "    f()\n" * 40, "41 lines"),
    "a long file": ("core/x.py", "#\n" * 401, "401 lines"),
    "a file called utils": ("core/utils.py", "", "say what lives there"),
    "a package called models": ("core/models/x.py", "", "say what lives there"),
    "an unnamed error": ("usecases/x.py", "def f():\n    raise TokenNotFound\n", "does not name"),
    "an unnamed error of a module": (
        "core/x.py",
        "def f():\n    raise errors.TokenNotFound(1)\n",
        "does not name",
    ),
    "two statements": ("storage/x.py", "def f(db):\n    db.execute(1)\n    db.execute(2)\n", "more than one"),
    "two statements, one a scalar": (
        "storage/x.py",
        "def f(db):\n    db.execute(1)\n    db.scalar(2)\n",
        "more than one",
    ),
    "no organization": ("storage/x.py", "def f(db, id_): ...\n", "`org`"),
    "an odd verb": ("storage/x.py", "def fetch(db, org): ...\n", "none of"),
    "a write without a change": ("usecases/x.py", "def f(db):\n    rows.mark_used(db)\n", "no change"),
    "a write by its bare name": ("usecases/x.py", "def f(db):\n    mark_used(db)\n", "no change"),
    "a commit outside the engine": ("usecases/x.py", "def f(db):\n    db.commit()\n", "not for this file"),
    "a transaction begun elsewhere": (
        "storage/x.py",
        "def find_x(db, org):\n    db.begin()\n",
        "not for this file",
    ),
    "a rollback elsewhere": ("api/x.py", "def f(db):\n    db.rollback()\n", "not for this file"),
    "a statement as text": (
        "storage/x.py",
        "def find_x(db, org):\n    db.exec_driver_sql('')\n",
        "not for this file",
    ),
    "a secret opened anywhere": ("web/x.py", "def f(s):\n    s.reveal()\n", "not for this file"),
    "a digest compared with ==": ("usecases/x.py", "def f(a):\n    return a.digest == b\n", "compare_digest"),
    "a hexdigest compared with !=": (
        "core/x.py",
        "def f(h):\n    return b != h.hexdigest()\n",
        "compare_digest",
    ),
    "a digest compared in storage": (
        "storage/x.py",
        "def is_x(db, org):\n    return digest == b\n",
        "compare_digest",
    ),
}
FINE = {
    "an error that is named": (
        "core/x.py",
        'def f():\n    """Raises TokenNotFound."""\n    raise TokenNotFound\n',
    ),
    "an error that is handed on": ("core/x.py", "def f(error):\n    raise error\n"),
    "one statement and its result": ("storage/x.py", "def find_x(db, org):\n    db.execute(1).scalars()\n"),
    "a digest in a where": ("storage/x.py", "def find_x(db, org):\n    q.where(_c.digest == digest)\n"),
    "digests in constant time": ("core/x.py", "def f(a):\n    return hmac.compare_digest(a.digest, b)\n"),
    "a write with its change": ("usecases/x.py", "def f(db):\n    rows.mark_x(db)\n    changes.record(db)\n"),
    "a helper of a statement": ("storage/x.py", "def _to_token(row): ...\n"),
    "the engine": ("storage/engine.py", "def run(db):\n    db.begin()\n    db.commit()\n"),
    "the schema versions": ("storage/schema_versions/__init__.py", "def upgrade(db): ...\n"),
}


@pytest.mark.parametrize(("place", "source", "told"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_it_finds(place: str, source: str, told: str) -> None:
    assert any(told in message for _, message in findings(source, place))


@pytest.mark.parametrize(("place", "source"), FINE.values(), ids=FINE)
def test_it_leaves_alone(place: str, source: str) -> None:
    assert list(findings(source, place)) == []


def test_it_finds_an_http_layer_that_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "http").mkdir()
    for name in ("a.py", "b.py", "c.py", "d.py", "e.py"):
        (tmp_path / "http" / name).write_text("#\n" * 390)
    assert main(tmp_path) == 1
    assert "1950 lines in all" in capsys.readouterr().out
    (tmp_path / "http" / "a.py").unlink()
    assert main(tmp_path) == 0


def test_it_finds_a_long_template(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("\n" * 120)
    assert main(tmp_path) == 0
    (tmp_path / "x.html").write_text("\n" * 121)
    assert main(tmp_path) == 1


def test_it_leaves_schema_versions_as_they_were_printed(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001.py").write_text("#\n" * 500)
    assert main(tmp_path) == 0
