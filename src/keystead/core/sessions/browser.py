"""What a browser says of itself, in words that people recognize."""

import re
from dataclasses import dataclass

_OTHER = "Other"
_BROWSERS = (  # the first that fits: most of them also name the ones further down
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+(?:\.\d+)?)")),
    ("Opera", re.compile(r"\bOPR/(\d+(?:\.\d+)?)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+(?:\.\d+)?)")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/(\d+(?:\.\d+)?)")),
    ("Safari", re.compile(r"\bVersion/(\d+(?:\.\d+)?).* Safari/")),
)
_SYSTEMS = (
    ("Windows", re.compile(r"\bWindows NT (\d+(?:\.\d+)?)")),
    ("Android", re.compile(r"\bAndroid (\d+(?:\.\d+)?)")),
    ("iOS", re.compile(r"\b(?:iPhone|iPad|iPod)\b.*? OS (\d+(?:_\d+)?)")),
    ("Mac OS X", re.compile(r"\bMac OS X (\d+(?:[._]\d+)?)")),
    ("Chrome OS", re.compile(r"\bCrOS \S+ (\d+(?:\.\d+)?)")),
    ("Linux", re.compile(r"\bLinux\b()")),
)


@dataclass(frozen=True, slots=True)
class Browser:
    name: str
    version: str  # "": not told
    system: str
    system_version: str


def browser_of(agent: str) -> Browser:
    """Read a User-Agent header; what is not recognized is Other, as in Grafana 9.3."""
    name, version = _first_that_fits(_BROWSERS, agent)
    system, system_version = _first_that_fits(_SYSTEMS, agent)
    return Browser(name, version, system, system_version)


def _first_that_fits(patterns: tuple[tuple[str, re.Pattern[str]], ...], agent: str) -> tuple[str, str]:
    for name, pattern in patterns:
        found = pattern.search(agent)
        if found is not None:
            return name, found[1].replace("_", ".")
    return _OTHER, ""
