"""Statements about failed sign-ins, and about the addresses from which people did sign in.

A subject is a person ("user:<id>") or an unknown name ("name:<keyed digest>"). What is counted from all
addresses together stands under the empty address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, Table, and_, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from keystead.core.accounts.model import AccountId
from keystead.core.clock import UnixSeconds
from keystead.storage.schema import known_address, sign_in_failure

_f = sign_in_failure.c
_k = known_address.c
ANYWHERE = ""
NAME = "name:"  # how the subject of an unknown name begins
_FORGOTTEN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Failures:
    """What went wrong for one subject, from one address or from all together."""

    in_a_row: int = 0
    moments: tuple[int, ...] = ()  # the newest, oldest first
    last_at: UnixSeconds | None = None  # None: never


def list_failures(db: Connection, subject: str, address: str) -> tuple[Failures, Failures]:
    """Return what failed from this address, and from anywhere."""
    return _to_pair(address, db.execute(_failures(subject, address)).all())


def lock_failures(db: Connection, subject: str, address: str) -> tuple[Failures, Failures]:
    """Return the same; nobody else counts them until this transaction ends. Call `add_counters` before."""
    query = _failures(subject, address).order_by(_f.address).with_for_update()
    return _to_pair(address, db.execute(query).all())


def add_counters(db: Connection, subject: str, address: str, *, at: UnixSeconds) -> None:
    """Begin to count, where nobody has."""
    rows = [
        {"subject": subject, "address": where, "failures": 0, "moments": "", "last_at": at}
        for where in (ANYWHERE, address)
    ]
    statement = _insert(db)(sign_in_failure).values(rows)
    db.execute(statement.on_conflict_do_nothing(index_elements=["subject", "address"]))


def set_failures(db: Connection, subject: str, address: str, failures: Failures) -> None:
    db.execute(
        update(sign_in_failure)
        .where(_f.subject == subject, _f.address == address)
        .values(
            failures=failures.in_a_row,
            moments=",".join(map(str, failures.moments)),
            last_at=failures.last_at,
        )
    )


def delete_streak(db: Connection, subject: str) -> None:
    """Forget how many failed in a row; what is counted by address stays."""
    db.execute(delete(sign_in_failure).where(_f.subject == subject, _f.address == ANYWHERE))


def delete_failures(db: Connection, subject: str) -> None:
    db.execute(delete(sign_in_failure).where(_f.subject == subject))


def delete_old_failures(db: Connection, *, pairs_until: int, names_until: int) -> None:
    """Forget pairs and unknown names that nobody tried since; the streaks of people stay.

    What another transaction is counting is passed over, so that no two wait for each other.
    """
    is_old_pair = and_(_f.address != ANYWHERE, _f.last_at <= pairs_until)
    is_old_name = and_(_f.subject.startswith(NAME), _f.last_at <= names_until)
    old = (
        select(_f.subject, _f.address)
        .where(or_(is_old_pair, is_old_name))
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    db.execute(delete(sign_in_failure).where(tuple_(_f.subject, _f.address).in_(old)))


def get_last_success_or_none(db: Connection, account_id: AccountId, address: str) -> UnixSeconds | None:
    """Return when the person last signed in from there."""
    query = select(_k.last_success_at).where(_k.account_id == account_id, _k.address == address)
    at = db.execute(query).scalar_one_or_none()
    return None if at is None else UnixSeconds(at)


def set_last_success(db: Connection, account_id: AccountId, address: str, *, at: UnixSeconds) -> None:
    statement = _insert(db)(known_address).values(account_id=account_id, address=address, last_success_at=at)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "address"], set_={"last_success_at": at}
        )
    )


def delete_old_successes(db: Connection, account_id: AccountId, *, until: int) -> None:
    db.execute(delete(known_address).where(_k.account_id == account_id, _k.last_success_at <= until))


def _insert(db: Connection) -> Callable[[Table], postgresql.Insert | sqlite.Insert]:
    return postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert


def _failures(subject: str, address: str) -> Select[str, int, str, int]:
    return select(_f.address, _f.failures, _f.moments, _f.last_at).where(
        _f.subject == subject, _f.address.in_((address, ANYWHERE))
    )


def _to_pair(address: str, rows: Sequence[Row[str, int, str, int]]) -> tuple[Failures, Failures]:
    found = {
        where: Failures(
            in_a_row, tuple(map(int, moments.split(","))) if moments else (), UnixSeconds(last_at)
        )
        for where, in_a_row, moments, last_at in rows
    }
    return found.get(address, Failures()), found.get(ANYWHERE, Failures())
