"""Print docs/reference from the code. Run: `python tools/generate_reference.py`; `make docs` does."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import typer
import typer.main
from msgspec import Meta
from msgspec.structs import FieldInfo
from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from typer.core import TyperCommand, TyperGroup

import keystead
from keystead.bootstrap import DECLARED
from keystead.cli.app import FAILED, WRONGLY_ASKED, cli
from keystead.core.errors import KeysteadError
from keystead.core.secret import Secret
from keystead.http.errors import status_of
from keystead.http.needs import described
from keystead.settings import FIELDS
from keystead.settings.profiles import BY_COMMAND, BY_COMPATIBILITY
from keystead.settings.sources import PREFIX
from keystead.settings.values import Seconds
from keystead.storage.all_tables import metadata

REFERENCE = Path(__file__).parents[1] / "docs/reference"
ESCAPED_BAR = r"\|"  # also inside of code
_UNITS_S = (("d", 86_400), ("h", 3600), ("m", 60))


def index() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Everything here is printed from the code by `make docs`; a test fails when it is not current."
    yield ""
    yield from table(
        ("page", "what stands there"),
        [
            ("[permissions](permissions.md)", "every route, and what it asks of whoever calls it"),
            ("[errors](errors.md)", "every error: its id, its status, its sentence"),
            ("[settings](settings.md)", "every setting: what it may be, its default, its variable"),
            ("[commands](commands.md)", "every command with its options"),
            ("[tables](tables.md)", "every table with its columns and indexes"),
        ],
    )


def permissions() -> Iterator[str]:
    yield "# Permissions"
    yield ""
    yield "Every route, by path, and what it asks of whoever calls it. An action without a scope is needed on"
    yield "some scope, whichever it is. Where nothing else is said, it is needed in the organization of the"
    yield "request. `HEAD` asks what `GET` asks. `*` is any method on any path that is no route."
    yield ""
    routes = sorted(DECLARED, key=lambda route: (route.path, route.method))
    rows = [(route.method, code(route.path), described(route.needs), route.summary) for route in routes]
    yield from table(("method", "path", "needs", "what it does"), rows)


def errors() -> Iterator[str]:
    yield "# Errors"
    yield ""
    yield "The id stands in `messageId` of an answer and never changes its meaning. A route may answer with"
    yield "another status or sentence where Grafana 9.3 does. The exit code of a command is"
    yield f"{WRONGLY_ASKED} for a status of 400 or 403, and {FAILED} for any other."
    yield ""
    rows = [
        (code(error.message_id), str(status_of(error)), error.message)
        for error in sorted(leaves(KeysteadError), key=lambda kind: kind.message_id)
    ]
    yield from table(("id", "status", "message"), rows)


def leaves(kind: type[KeysteadError]) -> Iterator[type[KeysteadError]]:
    """Return every error with an id of its own, in all of the package."""
    for module in pkgutil.walk_packages(keystead.__path__, "keystead."):
        if "schema_versions" not in module.name:  # Alembic runs these, with a connection
            importlib.import_module(module.name)
    return with_id_below(kind)


def with_id_below(kind: type[KeysteadError]) -> Iterator[type[KeysteadError]]:
    for child in kind.__subclasses__():
        if "message_id" in vars(child) and child.__module__.startswith("keystead."):  # tests have their own
            yield child
        yield from with_id_below(child)


def settings() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield "Where they come from, and which goes before which, is told in [running](../operate/running.md)."
    yield "The column `grafana-9.3` is what `[server] compatibility` with that value makes of the default,"
    yield "`dev` what the command `keystead dev` does."
    for section in dict.fromkeys(name.partition(".")[0] for name in FIELDS):
        yield ""
        yield f"## [{section}]"
        yield ""
        rows = [row_of(name, field) for name, field in FIELDS.items() if name.startswith(f"{section}.")]
        yield from table(("setting", "must be", "default", "grafana-9.3", "dev", "variable"), rows)


def row_of(name: str, field: FieldInfo) -> tuple[str, ...]:
    meta = next(note for note in field.type.__metadata__ if isinstance(note, Meta) and note.description)
    return (
        code(field.name),
        str(meta.description),
        value_told(field.default),
        changed(BY_COMPATIBILITY["grafana-9.3"], name),
        changed(BY_COMMAND["dev"], name),
        code(f"{PREFIX}{name.replace('.', '__').upper()}"),
    )


def changed(profile: Mapping[str, object], name: str) -> str:
    return value_told(profile[name]) if name in profile else ""


def value_told(value: object) -> str:
    if value is None or isinstance(value, Secret) or value in ("", ()):
        return "none"
    if isinstance(value, Seconds):
        return code(
            next((f"{value // unit_s}{unit}" for unit, unit_s in _UNITS_S if value % unit_s == 0), value)
        )
    return code(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def commands() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "The same is told by `--help` of each."
    for name, command in commands_below("keystead", typer.main.get_command(cli)):
        context = typer.Context(command, info_name=name)
        yield ""
        yield f"## {name}"
        yield ""
        yield from paragraphs(command.help or "")
        yield ""
        yield f"    {command.get_usage(context).removeprefix('Usage: ')}"
        yield ""
        records = [parameter.get_help_record(context) for parameter in command.params]
        yield from table(
            ("argument or option", "what it is"), [(code(one[0]), one[1]) for one in records if one]
        )


def commands_below(name: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
    """Return those that do something, with the words that call them."""
    if isinstance(command, TyperCommand):
        yield name, command
    elif isinstance(command, TyperGroup):
        for word, child in command.commands.items():
            yield from commands_below(f"{name} {word}", child)


def paragraphs(text: str) -> Iterator[str]:
    """Return a docstring as paragraphs, examples set apart."""
    for line in text.strip().splitlines():
        said = line.strip()
        is_example = said.startswith("Example: ")
        yield f"Example: `{said.removeprefix('Example: ')}`" if is_example else said


def tables() -> Iterator[str]:
    yield "# Tables"
    yield ""
    yield "Types are those of PostgreSQL; SQLite has the same tables with its own. The reasons stand beside"
    yield "the columns in `src/keystead/storage/schema.py`."
    for one in metadata.tables.values():
        yield ""
        yield f"## {one.name}"
        yield ""
        rows = [column_told(column) for column in one.columns]
        yield from table(("column", "type", "may be null", "key"), rows)
        yield ""
        yield from indexes_told(one)


def column_told(column: Column[object]) -> tuple[str, ...]:
    kind = column.type.compile(postgresql.dialect())  # type: ignore[no-untyped-call] # SQLAlchemy's own
    marks = ["primary key"] if column.primary_key else []
    marks += [
        f"of `{key.target_fullname}`, when that goes: {str(key.ondelete).lower()}"
        for key in column.foreign_keys
    ]
    return (code(column.name), kind, "yes" if column.nullable else "", ", ".join(marks))


def indexes_told(one: Table) -> Iterator[str]:
    unique = [rule for rule in one.constraints if isinstance(rule, UniqueConstraint)]
    told = [f"- unique: {names(rule.columns)}" for rule in unique]
    told += [f"- index: {names(index.columns)}" for index in one.indexes]
    yield from sorted(told) or ["No indexes but the primary key."]


def names(columns: Iterable[Column[object]]) -> str:
    return ", ".join(code(column.name) for column in columns)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', ESCAPED_BAR) for cell in row)} |"


def code(text: object) -> str:
    return f"`{text}`"


PAGES = {
    "README.md": index,
    "permissions.md": permissions,
    "errors.md": errors,
    "settings.md": settings,
    "commands.md": commands,
    "tables.md": tables,
}


def page(name: str) -> str:
    return "\n".join(("<!-- printed by tools/generate_reference.py -->", *PAGES[name](), ""))


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name in PAGES:
        (REFERENCE / name).write_text(page(name))
