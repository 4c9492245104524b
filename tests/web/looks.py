"""What the states of all pages share: the moment, and texts that make trouble."""

from keystead.core.clock import UnixSeconds
from keystead.core.credentials.lifetime import LifetimeLimit

NOW = UnixSeconds(1_795_379_400)  # 2026-11-22 20:30:00 UTC
DAY_S = 86_400
MONTH = LifetimeLimit(maximum_s=30 * DAY_S)
UNLIMITED = LifetimeLimit(maximum_s=-1)
LONG = "Donaudampfschifffahrtsgesellschaftskapitän-" * 4 + "master"
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{ 7*7 }}"""
