"""What someone presents as a credential, read but not yet looked up."""

from dataclasses import dataclass
from typing import TypeAlias

from keystead.core.credentials import key_format, token_format
from keystead.core.credentials.errors import CredentialUnknown
from keystead.core.orgs.model import OrgId
from keystead.core.secret import Secret

MAX_CREDENTIAL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class PresentedToken:
    whole: Secret
    secret: Secret  # the part between the underscores: what Grafana hashed
    check: str  # with which Grafana salted


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """Its row must have this name and organization too."""

    secret: Secret
    name: str
    org: OrgId


Presented: TypeAlias = PresentedToken | PresentedKey


def parse_presented(text: Secret, prefix: str) -> Presented:
    """Read a token or a legacy key; `prefix` is that of this server's tokens. Raises CredentialUnknown."""
    plain = text.reveal()
    if len(plain.encode(errors="surrogatepass")) > MAX_CREDENTIAL_BYTES:
        raise CredentialUnknown
    if token_format.is_token_like(plain, prefix):
        token = token_format.get_parts_or_none(plain, prefix)
        if token is None:
            raise CredentialUnknown
        return PresentedToken(text, Secret(token.secret), token.check)
    key = key_format.get_parts_or_none(plain)
    if key is None:
        raise CredentialUnknown
    return PresentedKey(Secret(key.secret), key.name, key.org)
