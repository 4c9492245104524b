"""What is looked for: the rules, what to write instead, and the texts that each matches."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

HOLE = "\x00"  # a part of a text that is known only when the program runs
API_HOLE = "\x01"  # the same, and its name says that it ends with the path of the API
MENTION = "-mention"


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    told: str  # what was found, as a sentence
    instead: str


class Match(NamedTuple):
    start: int
    end: int
    rule: str  # id; ends in -mention where it is only spoken of


KEYS, MIGRATION, TERRAFORM, CLIENT, PULUMI = (
    "auth-keys",
    "migration-endpoint",
    "terraform-api-key",
    "client-api-key",
    "pulumi-api-key",
)
_RULES = (
    Rule(
        KEYS,
        "A call of /api/auth/keys, where API keys are made, listed and deleted.",
        "POST /api/serviceaccounts and POST /api/serviceaccounts/{id}/tokens to make, "
        "GET /api/serviceaccounts/search and GET /api/serviceaccounts/{id}/tokens to list, "
        "DELETE /api/serviceaccounts/{id}/tokens/{tokenId} to delete",
    ),
    Rule(
        MIGRATION,
        "A call of an endpoint that exists for the time of the migration alone.",
        "nothing: take it out once all keys are migrated",
    ),
    Rule(
        TERRAFORM,
        "The Terraform resource grafana_api_key, which newer providers do not know.",
        "grafana_service_account and grafana_service_account_token",
    ),
    Rule(
        CLIENT,
        "A call of a client library that ends at /api/auth/keys.",
        "the library's calls for service accounts and their tokens",
    ),
    Rule(
        PULUMI,
        "The Pulumi resource ApiKey of Grafana, which newer providers do not know.",
        "ServiceAccount and ServiceAccountToken of the same package",
    ),
)
RULES: dict[str, Rule] = {
    rule.id: rule
    for full in _RULES
    for rule in (full, Rule(full.id + MENTION, f"Only spoken of: {full.told}", full.instead))
}
_BY_METHOD = {
    "post": "POST /api/serviceaccounts, then POST /api/serviceaccounts/{id}/tokens",
    "get": "GET /api/serviceaccounts/search, then GET /api/serviceaccounts/{id}/tokens",
    "delete": "DELETE /api/serviceaccounts/{id}/tokens/{tokenId}",
}
_METHOD = re.compile(r"(?i)\b(post|get|delete)(?:_?json|mapping|async)?\b|(?<=\s)(?:-d|--data\S*|--json)\s")
_AFTER = (
    r"(?![\w-]|\.\w)"  # the path goes on with a slash, a query or nothing; a full stop may end a sentence
)
_PATHS = (
    (KEYS, re.compile(rf"(?<![\w.-])api/+auth/+keys{_AFTER}")),
    (
        MIGRATION,
        re.compile(
            rf"(?<![\w.-])api/+serviceaccounts/+(?:migrationstatus|hideApiKeys|migrate|[^/\s]+/+revert){_AFTER}"
        ),
    ),
)
_SHORT = re.compile(rf"(?:\A|(?<={API_HOLE}))/?auth/+keys{_AFTER}")  # behind a base that has /api already
_ADDRESS = r"(?<![\w.-])(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*grafana_api_key(?=\.[A-Za-z_])"
_RESOURCE = re.compile(rf"""resource\s+\\?["']grafana_api_key\\?["']|{_ADDRESS}""")
_PULUMI_TYPE = re.compile(r"(?<![\w:])grafana:(?:index/apiKey:)?ApiKey(?![\w:])")
_BARE = re.compile(r"(?<![\w.$-])grafana_api_key(?![\w=:(\[-]|\s*[=:(])")
_WORD = re.compile(r"(?<![^\s(\"'`*])[A-Za-z][a-z]+(?=[.,;:!?)\"'`*]*(?:\s|\Z))")
_COMMAND = re.compile(
    r"\b(?:curl|wget|http|https|xh|GET|POST|PUT|PATCH|DELETE|HEAD|proxy_pass|location"
    r"|(?:terraform|tofu) (?:state|plan|apply|import|destroy|taint))\b(?!:)"
)
_NO_LETTERS = bytes(sorted(set(range(128)) - set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")))
_CLIENT_NAME = re.compile(
    r"(?:(?:create|add|delete|remove)_?(?:api_?keys?|ap_ikey)|(?:get|list)_?(?:api_?keys|ap_ikeys))"
    r"(?:_?with_?params|_?by_?(?:name|id)|_?async)?",
    re.IGNORECASE,
)
_TOKEN_NAME = re.compile(r"(?:create|delete)_api_token|get_api_tokens")  # of the package grafana_api


def is_cut_up(content: bytes) -> bool:
    """Say whether the path stands in a file with its letters in one row, but not with its words whole."""
    if b"auth" in content and b"keys" in content:
        return False
    return b"apiauthkeys" in content.translate(None, _NO_LETTERS)


def matches_in(text: str, *, wants_all: bool, is_grafana: bool = False) -> Iterator[Match]:
    """Yield what a text of code holds. `is_grafana`: short paths are Grafana's here."""
    for rule, pattern in _PATHS:
        if rule != MIGRATION or wants_all:
            yield from (Match(*found.span(), rule) for found in pattern.finditer(text))
    for found in _SHORT.finditer(text):
        rule = KEYS + MENTION if text.startswith(API_HOLE, found.start() - 1) else KEYS
        if is_grafana or rule != KEYS:
            yield Match(*found.span(), rule)
    for rule, pattern in ((TERRAFORM, _RESOURCE), (PULUMI, _PULUMI_TYPE)):
        yield from (Match(*found.span(), rule) for found in pattern.finditer(text))


def mentions_in(text: str, *, wants_all: bool, of_terraform: bool) -> Iterator[Match]:
    """Yield what a text for people holds. `of_terraform`: a bare name is that of the resource."""
    for start, end, rule in matches_in(text, wants_all=wants_all):
        yield Match(start, end, rule.removesuffix(MENTION) + MENTION)
    if of_terraform:
        yield from (Match(*found.span(), TERRAFORM + MENTION) for found in _BARE.finditer(text))


def is_prose(text: str, start: int, end: int) -> bool:
    """Say whether the line around start and end is a sentence, rather than an address or a command."""
    before, behind = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    line = before + text[start:end] + behind
    return len(_WORD.findall(line)) > 1 and not _COMMAND.search(line)


def is_client_call(name: str, *, of_grafana_api: bool) -> bool:
    """Say whether a method's name is one of those with which client libraries of Grafana reach API keys."""
    return bool(_CLIENT_NAME.fullmatch(name)) or (of_grafana_api and bool(_TOKEN_NAME.fullmatch(name)))


def instead_of(rule: str, code: str) -> str:
    """Return what to write instead; the method in the code, where it shows, chooses the call."""
    if rule.removesuffix(MENTION) == KEYS:
        methods = {(found[1] or "post").lower() for found in _METHOD.finditer(code)}
        if len(methods) == 1:
            return _BY_METHOD[methods.pop()]
    return RULES[rule].instead
