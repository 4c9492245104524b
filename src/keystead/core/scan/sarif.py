"""A scan's findings as SARIF 2.1.0, which code hosts show beside the code."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from urllib.parse import quote

from keystead.core.scan.finding import Finding
from keystead.core.scan.rules import MENTION, RULES

Json: TypeAlias = Mapping[str, object]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_of(found: Iterable[tuple[str, Finding]], *, version: str) -> Json:
    """Return the log: files are relative to the folder that was scanned. Source: SARIF 2.1.0 of OASIS."""
    driver = {
        "name": "keystead scan",
        "version": version,
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.told},
                "help": {"text": f"Write instead: {rule.instead}."},
                "defaultConfiguration": {"level": _level(rule.id)},
            }
            for rule in RULES.values()
        ],
    }
    results = [_result(file, finding) for file, finding in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(file: str, finding: Finding) -> Json:
    region = {"startLine": finding.line, "snippet": {"text": finding.code}}
    place = {"artifactLocation": {"uri": quote(file), "uriBaseId": "%SRCROOT%"}, "region": region}
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": _level(finding.rule),
        "message": {"text": f"{RULES[finding.rule].told} Write instead: {finding.instead}."},
        "locations": [{"physicalLocation": place}],
    }


def _level(rule: str) -> str:
    return "note" if rule.endswith(MENTION) else "warning"
