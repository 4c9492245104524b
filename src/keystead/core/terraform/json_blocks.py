"""One block of API keys in JSON: what it says, and the account and the token that it becomes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from keystead.core.terraform.hcl import ACCOUNT, nodes, parse_template
from keystead.core.terraform.json_references import COMMENT
from keystead.core.terraform.json_text import Json, Member, Value, items, line_at, members, rebuilt
from keystead.core.terraform.keys import (
    IGNORABLE_IN_ACCOUNT,
    IGNORABLE_IN_TOKEN,
    KNOWN,
    OF_ACCOUNT,
    OF_TOKEN,
    PREFIX,
    Accounts,
    KeyBlock,
    number_added,
)
from keystead.core.terraform.names import Round, rounds_of, text

Raw: TypeAlias = Callable[[int, int], str]  # the text between two places, with its references rewritten


@dataclass(frozen=True, slots=True)
class JsonKey:
    block: KeyBlock
    member: Member  # the label, and the body or an array around it
    body: Value
    found: dict[str, Member]


def read_key(source: str, path: str, label: Member) -> JsonKey:
    """Return what a body says about its keys, and what stands against rewriting it."""
    block = KeyBlock(path, line_at(source, label.start), label.name)
    body = body_of(source, label)
    if body is None:
        return JsonKey(block.left("it has several bodies"), label, label.value, {})
    found = {member.name: member for member in members(source, body)}
    index = "[each.key]" if "for_each" in found else "[count.index]" if "count" in found else ""
    provider = str(found["provider"].value.json) if "provider" in found else ""
    block = replace(block, provider=provider, index=index)
    for why in obstacles(source, body, found):
        return JsonKey(block.left(why), label, body, found)
    names = names_of(found)
    org = found["org_id"].value.json if "org_id" in found else None
    told = plain_text(str(org)) if org is not None else ""
    if names is None:
        block = block.left("its name is known only when Terraform runs")
    elif told is None or (told and not (told.isascii() and told.isdigit())):
        block = replace(block, names=names).left("its org_id is known only when Terraform runs")
    else:
        block = replace(block, names=names, org=int(told) if told else None)
    return JsonKey(block, label, body, found)


def body_of(source: str, label: Member) -> Value | None:
    """Return the body, which may stand alone in an array; None: there are others, or none."""
    found = list(items(source, label.value)) if isinstance(label.value.json, list) else [label.value]
    return found[0] if len(found) == 1 and isinstance(found[0].json, dict) else None


def obstacles(source: str, body: Value, found: dict[str, Member]) -> Iterator[str]:
    unknown = sorted(found.keys() - {*KNOWN, COMMENT})
    if unknown:
        yield f"it has {unknown[0]}, which is no part of a key that is known"
    missing = [name for name in ("name", "role") if name not in found]
    if missing:
        yield f"it has no {missing[0]}"
    for name in ("lifecycle", "provisioner", "connection"):
        if name in found and "self." in source[found[name].value.start : found[name].value.end]:
            yield f"its {name} uses `self`"
    if len(found) < len(list(members(source, body))):
        yield "it has two arguments of one name"
    ignored = {name for name in ignored_in(found.get("lifecycle")) if name != "all"}
    if not ignored <= IGNORABLE_IN_ACCOUNT & IGNORABLE_IN_TOKEN:
        yield "its ignore_changes names what only one of account and token has"


def ignored_in(lifecycle: Member | None) -> Iterator[str]:
    found = lifecycle.value.json if lifecycle is not None else None
    for one in found if isinstance(found, list) else [found]:
        names = one.get("ignore_changes") if isinstance(one, dict) else None
        yield from (str(name) for name in (names if isinstance(names, list) else []))


def names_of(found: dict[str, Member]) -> tuple[str, ...] | None:
    """Return the names of all its keys; None: only running the configuration tells them."""
    name = found["name"].value.json
    if not isinstance(name, str):
        return None
    same = plain_text(name)
    if same is not None:
        return (same,)
    template = parse_template(name)
    rounds = () if template.has_error else rounds_in(found) or ()
    told = [text(template, seen) for seen in rounds]
    known = tuple(one for one in told if one is not None)
    return known if known and len(known) == len(told) else None


def plain_text(template: str) -> str | None:
    """Return what a template is everywhere; None: that depends."""
    root = parse_template(template)
    return None if root.has_error else text(root, {})


def rounds_in(found: dict[str, Member]) -> list[Round] | None:
    for name in ("for_each", "count"):
        given = found[name].value.json if name in found else None
        if isinstance(given, str):
            expression = next(nodes(parse_template(given), "expression"), None)
            if expression is None or given != f"${{{(expression.text or b'').decode()}}}":
                return None
            told = rounds_of(*((expression, None) if name == "for_each" else (None, expression)))
            return None if told is None else list(told)
        if isinstance(given, dict):
            return rounds_of_object(given)
        if isinstance(given, int):
            return [{"count.index": str(number)} for number in range(given)]
    return None


def rounds_of_object(given: dict[str, Json]) -> list[Round] | None:
    rounds: list[Round] = []
    for key, value in given.items():
        seen = {"each.key": key}
        inside = value.items() if isinstance(value, dict) else ()
        for path, told in [("", value), *((f".{name}", one) for name, one in inside)]:
            plain = plain_text(told) if isinstance(told, str) else None
            seen |= {} if plain is None else {f"each.value{path}": plain}
        rounds.append(seen)
    return rounds


def account_text(source: str, key: JsonKey, accounts: Accounts, raw: Raw) -> str:
    """Return label and body of the account."""
    added = number_added(key.block, accounts)

    def piece(member: Member) -> str:
        if member.name != "name":
            return raw(member.start, member.value.end)
        name = source[member.value.start + 1 : member.value.end - 1]
        account = as_template(accounts[key.block.org, key.block.names[0]])
        new = account if added is None else f'"{PREFIX}{name}{added}"'
        return raw(member.start, member.value.start) + new

    return with_body(source, key, [piece(one) for one in kept(source, key, {COMMENT, *OF_ACCOUNT})], raw)


def as_template(plain: str) -> str:
    return json.dumps(plain.replace("${", "$${").replace("%{", "%%{"), ensure_ascii=False)


def token_text(source: str, key: JsonKey, raw: Raw) -> str:
    """Return label and body of the token."""
    own = f'"${{{ACCOUNT}.{key.block.label}{key.block.index}.id}}"'
    pieces = []
    for member in kept(source, key, {*OF_TOKEN}):
        pieces.append(raw(member.start, member.value.end))
        if member.name == "name":
            between = source[member.start + len('"name"') : member.value.start]
            pieces.append(f'"service_account_id"{between}{own}')
    return with_body(source, key, pieces, raw)


def kept(source: str, key: JsonKey, names: set[str]) -> list[Member]:
    return [member for member in members(source, key.body) if member.name in names]


def with_body(source: str, key: JsonKey, pieces: list[str], raw: Raw) -> str:
    body = rebuilt(source, key.body, pieces, raw)
    return raw(key.member.start, key.body.start) + body + raw(key.body.end, key.member.value.end)
