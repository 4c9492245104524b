"""Where a server may listen, so that no password or token crosses a network in the clear by accident."""

from keystead.core.installation.errors import BindNotLoopback, BindUnsafe

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def check_dev_host(host: str) -> None:
    """Raises BindNotLoopback: `dev` has a published password, so it answers this machine alone."""
    if host not in LOOPBACK:
        raise BindNotLoopback(host)


def check_serve_host(host: str, *, has_tls: bool, is_behind_proxy: bool, is_insecure_http: bool) -> None:
    """Raises BindUnsafe."""
    if host not in LOOPBACK and not (has_tls or is_behind_proxy or is_insecure_http):
        raise BindUnsafe(host)
