"""What types cannot say about a value: whether it is an address, a network, an origin."""

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from keystead.core.secret import Secret

_HIGHEST_PORT = 65_535


def is_address(value: object) -> bool:
    return _accepts(ipaddress.ip_address, value)


def are_networks(values: object) -> bool:
    return isinstance(values, tuple) and all(_accepts(ipaddress.ip_network, value) for value in values)


def is_address_and_port(value: object) -> bool:
    host, _, port = str(value).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    return not value or (
        is_address(bare) and port.isascii() and port.isdigit() and 0 < int(port) <= _HIGHEST_PORT
    )


def is_root_url(value: object) -> bool:
    return not value or _is_web(_split(value))


def are_origins(values: object) -> bool:
    parts = [_split(value) for value in values] if isinstance(values, tuple) else [None]
    return all(_is_web(part) and part is not None and not part.path for part in parts)


def is_postgresql(value: object) -> bool:
    parts = _split(value.reveal()) if isinstance(value, Secret) else None
    return value is None or (parts is not None and parts.scheme in {"postgres", "postgresql"})


def has_password(url: object) -> bool:
    parts = _split(url)
    return parts is None or parts.password is not None or "password" in parts.query


CHECKS: Mapping[str, Callable[[object], bool]] = {
    "server.host": is_address,
    "server.database_url": is_postgresql,
    "server.root_url": is_root_url,
    "server.trusted_proxies": are_networks,
    "security.trusted_origins": are_origins,
    "metrics.listen": is_address_and_port,
}


def _accepts(parse: Callable[[str], object], value: object) -> bool:
    try:
        parse(str(value))
    except ValueError:
        return False
    return True


def _split(url: object) -> SplitResult | None:
    try:
        parts = urlsplit(str(url))
        _ = parts.port  # which reads the number, and refuses a wrong one
    except ValueError:
        return None
    return parts


def _is_web(parts: SplitResult | None) -> bool:
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    return not (parts.username or parts.password or parts.query or parts.fragment)
