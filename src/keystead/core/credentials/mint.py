"""How credentials are made, and how they are recognized again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from keystead.core.credentials.key_format import make_key
from keystead.core.credentials.presented import Presented, PresentedKey, PresentedToken
from keystead.core.credentials.token_format import SECRET_LENGTH, check_of, make_token
from keystead.core.orgs.model import OrgId
from keystead.core.pepper import Pepper
from keystead.core.secret import Secret


class Digest(NamedTuple):
    """What is stored in place of a secret: 32 bytes, and the pepper that was used."""

    pepper_id: int
    value: bytes


class Minted(NamedTuple):
    secret: Secret  # shown once, then gone
    digest: Digest


@dataclass(frozen=True, slots=True)
class Mint:
    """Randomness and the peppers, handed in like time."""

    new_random: Callable[[int], str]  # so many characters of [0-9A-Za-z], each as likely as any
    peppers: tuple[Pepper, ...]  # newest first; the newest is for new credentials
    prefix: str

    def new_token(self) -> Minted:
        secret = self.new_random(SECRET_LENGTH)
        whole = Secret(make_token(self.prefix, secret))
        return self._minted(whole, PresentedToken(whole, Secret(secret), check_of(self.prefix, secret)))

    def new_key(self, name: str, org: OrgId) -> Minted:
        secret = self.new_random(SECRET_LENGTH)
        return self._minted(Secret(make_key(secret, name, org)), PresentedKey(Secret(secret), name, org))

    def digests(self, presented: Presented) -> tuple[Digest, ...]:
        """Return the digest under each pepper, newest first: a row with any of them is the credential."""
        message = _message_of(presented)
        return tuple(Digest(pepper.id, pepper.digest(message)) for pepper in self.peppers)

    def marker(self) -> Callable[[Secret], bytes]:
        """Return what tells a text from any other without holding it, for memory only."""
        begun = self.peppers[0].for_marks()

        def mark(text: Secret) -> bytes:
            hashed = begun.copy()
            hashed.update(text.reveal().encode("utf-8", "surrogatepass"))
            return hashed.digest()

        return mark

    def _minted(self, shown: Secret, presented: Presented) -> Minted:
        newest = self.peppers[0]
        return Minted(shown, Digest(newest.id, newest.digest(_message_of(presented))))


def _message_of(presented: Presented) -> bytes:
    """Return what is digested: its kind stands first, so the two forms can never meet."""
    if isinstance(presented, PresentedToken):
        return f"sat\0{presented.whole.reveal()}".encode()
    return f"key\0{presented.org}\0{presented.secret.reveal()}".encode()
