"""Configurations and states that nobody wrote: what is not about keys stays, and a way back is a way back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keystead.core.terraform.edits import Edit, edited
from keystead.core.terraform.errors import StateNotUnderstood
from keystead.core.terraform.hcl import parse
from keystead.core.terraform.module import module_of, rewriting
from keystead.core.terraform.state import state_of
from keystead.core.terraform.state_keys import Owner, adopted
from keystead.core.terraform.state_undo import RevertedKey, reverted

NAMES = st.sampled_from(["ci", "cd", "a b", "schlüssel", "x-2"])
SHREDS = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b"\n",
            b" = ",
            b"${",
            b"<<E\n",
            b"E\n",
            b",",
            b":",
            b"0",
            b"\\",
            b".",
        ),
        *(b"resource", b' "grafana_api_key" "a" ', b"grafana_api_key.a.key", b"name", "é".encode()),
        *(b'{"resource": {"grafana_api_key": {"a": ', b'"name": "x"', b'"role": "${each.key}"', b"for "),
    ]
)
LABELS = ["a", "b", "c", "d"]
NEIGHBOURS = st.sampled_from(
    [
        "# grafana_api_key.a.key in a comment\n",
        'locals {\n   x="grafana_api_key.a.key" # odd\n\n\n}\n',
        'resource "example" "e" {\n  dynamic "d" {\n    for_each = [1,2]\n    content {}\n  }\n}\n',
        'output "o" {\n\tvalue = <<-EOT\n\t\t$${grafana_api_key.a.key}\n\tEOT\n}\n',
        "\n\n/* é\n*/\n",
        'output "left" {\n  value = var.keys[*].id\n}\n',
    ]
)
REFERRING = st.sampled_from(
    [
        'output "k" {\n  value = grafana_api_key.a.key\n}\n',
        'locals {\n  t = "${grafana_api_key.b.name}-${upper(grafana_api_key.c.role)}"\n}\n',
    ]
)


@st.composite
def key_blocks(draw: st.DrawFn, label: str) -> str:
    """A block of a key, laid out in some way."""
    spaces = draw(st.sampled_from(["", " ", "   "]))
    lines = [f'name{spaces}={spaces}"{draw(NAMES)}"', 'role = "Viewer"']
    lines += draw(
        st.lists(
            st.sampled_from(
                ["seconds_to_live = 60", "provider = grafana.x", "", "# why", "count = 1", "lifecycle {\n  }"]
            ),
            max_size=4,
            unique=True,
        )
    )
    inside = "".join(f"  {line}\n" if line else "\n" for line in draw(st.permutations(lines)))
    return f'resource "grafana_api_key" "{label}" {{\n{inside}}}\n'


@st.composite
def configurations(draw: st.DrawFn) -> list[str]:
    """Pieces that are a configuration together, and each alone."""
    keys = [draw(key_blocks(label)) for label in LABELS]
    return draw(st.permutations([*keys, *draw(st.lists(st.one_of(NEIGHBOURS, REFERRING), max_size=6))]))


ACCOUNTS: dict[tuple[int | None, str], str] = {
    (None, name): f"sa-autogen-{name}{number}"
    for name, number in zip(["ci", "cd", "a b", "schlüssel", "x-2"], ["", "-2", "", "-3", ""], strict=True)
}


def become(source: bytes) -> bytes:
    return rewriting(module_of({"a.tf": source}), ACCOUNTS, {}).files.get("a.tf", source)


class TestAConfiguration:
    @given(configurations())
    def test_is_rewritten_as_its_keys_are_and_stays_otherwise(self, pieces: list[str]) -> None:
        after = become("".join(pieces).encode()).decode()
        for piece in pieces:
            if "grafana_api_key" not in piece or "$${" in piece or "#" in piece[:1] or '="g' in piece:
                assert piece in after
            elif piece.startswith("resource"):
                assert become(piece.encode()).decode() in after

    @given(configurations())
    def test_rewritten_once_more_stays_as_it_is(self, pieces: list[str]) -> None:
        after = become("".join(pieces).encode())
        assert become(after) == after
        assert not parse(after).has_error

    @given(configurations())
    def test_is_printed_as_it_was_read(self, pieces: list[str]) -> None:
        source = "".join(pieces).encode()
        waiting, leaves = [parse(source)], []
        while waiting:
            node = waiting.pop()
            waiting += node.children
            leaves += [] if node.children else [Edit(node.start_byte, node.end_byte, node.text or b"")]
        assert edited(source, leaves) == source

    @given(st.one_of(st.binary(max_size=20), st.lists(SHREDS, max_size=12).map(b"".join)))
    def test_that_is_none_is_left(self, source: bytes) -> None:
        for path in ("a.tf", "a.tf.json"):
            assert rewriting(module_of({path: source}), {}, {}).files == {}


INDEXES = st.one_of(st.none(), st.integers(0, 9), st.sampled_from(["x", 'y"]', "é"]))


@st.composite
def states(draw: st.DrawFn) -> tuple[str, dict[tuple[int, int], Owner]]:
    """A state with keys and others, and the accounts that the keys became."""
    resources: list[dict[str, object]] = []
    owners: dict[tuple[int, int], Owner] = {}
    for label in draw(st.lists(st.sampled_from(LABELS), unique=True, min_size=1)):
        instances: list[dict[str, object]] = []
        for index in draw(st.lists(INDEXES, min_size=1, max_size=3, unique_by=str)):
            org, key = draw(st.integers(1, 3)), len(owners) + 1
            name = draw(NAMES)
            owners[org, key] = Owner(
                org, key + 100, f"sa-autogen-{name}", "Editor", is_disabled=False, token_name=name
            )
            attributes: dict[str, object] = {
                "expiration": None,
                "id": f"{org}:{key}",
                "key": f"secret {key}",
                "name": name,
            }
            attributes |= {"org_id": str(org), "role": "Editor", "seconds_to_live": draw(st.integers(0, 9))}
            marked = [[{"type": "get_attr", "value": "key"}]]
            instance: dict[str, object] = {} if index is None else {"index_key": index}
            instance |= {"schema_version": 0, "attributes": attributes, "sensitive_attributes": marked}
            instances.append(instance | {"private": "bnVsbA=="})
        module: dict[str, object] = draw(st.sampled_from([{}, {"module": 'module.m["a.b"].module.n'}]))
        key_resource = module | {"mode": "managed", "type": "grafana_api_key", "name": label}
        resources.append(key_resource | {"provider": "p", "instances": instances})
        if draw(st.booleans()):
            depends = [f"{'module.m.module.n.' * bool(module)}grafana_api_key.{label}", "example.x"]
            other: dict[str, object] = {"attributes": {"f": 1e100, "é": "<"}, "dependencies": depends}
            resources.append({"type": "example", "name": "e", "instances": [other]})
    whole = {"version": 4, "serial": 1, "lineage": "l", "resources": resources, "outputs": {}}
    indent = draw(st.sampled_from([None, 1, 2]))
    return json.dumps(whole, indent=indent, ensure_ascii=False), owners


class TestAState:
    @given(states())
    def test_that_is_undone_is_the_one_before(self, told: tuple[str, dict[tuple[int, int], Owner]]) -> None:
        before, owners = told
        after = adopted(state_of(before), (), owners)
        assert "grafana_api_key" not in after
        keys = {ids: RevertedKey(one.token_name, one.role) for ids, one in owners.items()}
        again = json.loads(reverted(state_of(after), keys))
        assert again == json.loads(before) | {"serial": 3}

    @given(st.lists(SHREDS, max_size=12).map(b"".join))
    def test_that_is_none_is_refused(self, source: bytes) -> None:
        with pytest.raises(StateNotUnderstood):
            state_of(source.decode())
