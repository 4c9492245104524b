"""Where this server is reached, and whom it believes about that: the settings' slice for requests."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True, slots=True)
class Site:
    root_url: str  # without a slash at its end
    sub_path: str  # "" or "/keystead": in front of every link, and the path of the cookie
    served_sub_path: str  # what requests carry in front of their path; "" where a proxy takes it off
    origins: frozenset[str]  # scheme, host and port of pages that may send changes
    allowed_hosts: frozenset[str]  # names, without a port, for requests with an ambient credential
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    cookie_name: str
    cookie_max_age_s: int
    is_https: bool
    is_dev: bool
    version: str  # Keystead's own

    def trusts(self, peer: str) -> bool:
        """Say whether forwarded headers of this peer count."""
        try:
            address = ip_address(peer)
        except ValueError:  # a Unix socket has no address
            return False
        return any(address in network for network in self.trusted_proxies)
