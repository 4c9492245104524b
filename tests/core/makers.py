"""`a_<noun>(...)`: values of the core with sensible defaults; name only what the test is about."""

from keystead.core.accounts.model import AccountId
from keystead.core.changes.change import Actor, ActorKind, Change, ChangeId, Detail
from keystead.core.clock import UnixSeconds
from keystead.core.credentials.mint import Mint
from keystead.core.credentials.model import CredentialId, Token
from keystead.core.orgs.model import OrgId
from keystead.core.pepper import Pepper
from keystead.core.sessions.model import Session, SessionId

NOON = UnixSeconds(1_700_000_000)
HOME, ELSEWHERE = OrgId(1), OrgId(2)
PEPPER = Pepper.of(1, bytes(range(32)))
MASK = "canary" + "0" * 26  # 32 characters, as a secret has


def a_token(
    *,
    expires_at: UnixSeconds | None = None,
    revoked_at: UnixSeconds | None = None,
    lifetime_s: int | None = None,
) -> Token:
    return Token(
        CredentialId(1),
        HOME,
        AccountId(1),
        "ci",
        NOON,
        expires_at=expires_at,
        revoked_at=revoked_at,
        lifetime_s=lifetime_s,
    )


def a_mint(*, random: str = MASK, peppers: tuple[Pepper, ...] = (PEPPER,), prefix: str = "glsa") -> Mint:
    return Mint(new_random=lambda _length: random, peppers=peppers, prefix=prefix)


def a_session(
    *, rotated_at: int = NOON, seen_at: int = NOON, revoked_at: UnixSeconds | None = None
) -> Session:
    return Session(
        SessionId(1),
        AccountId(1),
        created_at=NOON,
        seen_at=UnixSeconds(seen_at),
        rotated_at=UnixSeconds(rotated_at),
        revoked_at=revoked_at,
    )


def a_change(id_: int = 1, *, target_name: str = "ci", detail: Detail | None = None) -> Change:
    return Change(
        id=ChangeId(id_),
        at=NOON,
        org=HOME,
        actor=Actor(ActorKind.USER, 1, "admin"),
        address="127.0.0.1",
        request_id="r1",
        action="token.issue",
        target_kind="token",
        target_id="7",
        target_name=target_name,
        detail=detail or {},
    )
