import json
from typing import Any

import pytest

from keystead.core.errors import KeysteadError
from keystead.core.terraform.errors import (
    KeysUnaccounted,
    NothingToRewrite,
    SeveralProviders,
)
from keystead.core.terraform.letting_go import let_go
from keystead.core.terraform.state import state_of
from keystead.core.terraform.state_keys import Owner, adopted, asked_about
from keystead.core.terraform.state_undo import RevertedKey, orgs_of_tokens, reverted

SECRET = "canary-secret"
CI = Owner(1, 4, "sa-autogen-ci", "Viewer", is_disabled=False, token_name="ci")


def an_instance(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON of any shape
    attributes = {"id": "1:3", "key": SECRET, "name": "ci", "role": "Viewer", "org_id": "1"}
    attributes |= more.pop("attributes", {})
    return {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []} | more


def a_resource(*instances: object, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - likewise
    fields = {
        "mode": "managed",
        "type": "grafana_api_key",
        "name": "ci",
        "provider": 'provider["h/g/grafana"]',
    }
    return fields | {"instances": list(instances) or [an_instance()]} | more


def a_state(*resources: object, **more: object) -> str:
    whole: dict[str, object] = {"version": 4, "serial": 7, "lineage": "l", "resources": list(resources)}
    return json.dumps(whole | more)


def told_by(text: str) -> str:
    """Return why a state is refused; no part of it is a secret."""
    with pytest.raises(KeysteadError) as refused:
        adopted(state_of(text), (), {(1, 3): CI, (0, 3): CI})
    assert SECRET not in str(refused.value)
    return str(refused.value)


class TestAStateThatIsNotUnderstood:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "it is no JSON, from line 1 on"),
            (f'{{"version": 4,\n"x": {SECRET}}}', "it is no JSON, from line 2 on"),
            ("[" * 100_000, "it is no JSON, from line 1 on"),
            ("{}", "it is not of version 4, which Terraform 0.12 and newer write"),
            ("[]", "it is not of version 4, which Terraform 0.12 and newer write"),
            (a_state(version=3), "it is not of version 4, which Terraform 0.12 and newer write"),
            (a_state() + "x", "something stands behind it"),
            (a_state(serial="7"), "it has no serial"),
            (a_state(resources={}), "it has no resources"),
            (a_state(SECRET), "it has a resource of another form"),
        ],
        ids=range(10),
    )
    def test_is_refused_as_a_whole(self, text: str, why: str) -> None:
        assert told_by(text) == why

    @pytest.mark.parametrize(
        ("resource", "why"),
        [
            (a_resource(secret=SECRET), "grafana_api_key.ci has secret"),
            (a_resource(SECRET), "grafana_api_key.ci has instances of another form"),
            (a_resource(instances=SECRET), "grafana_api_key.ci has instances of another form"),
            (
                a_resource(an_instance(index_key=0, status="tainted")),
                "grafana_api_key.ci[0] is tainted: untaint it, or let Terraform replace it first",
            ),
            (
                a_resource(an_instance(index_key="a", deposed="x"), module="module.m"),
                'module.m.grafana_api_key.ci["a"] is about to be replaced: let Terraform finish that first',
            ),
            (a_resource(an_instance(identity={})), "grafana_api_key.ci has identity"),
            (a_resource(an_instance(schema_version=1)), "grafana_api_key.ci is of another version"),
            (a_resource({"schema_version": 0}), "grafana_api_key.ci has no attributes"),
            (
                a_resource(an_instance(attributes={"scope": SECRET})),
                "grafana_api_key.ci has the attribute scope",
            ),
            (a_resource(an_instance(attributes={"name": 1})), "grafana_api_key.ci has no name"),
            (a_resource(an_instance(attributes={"id": "x"})), "grafana_api_key.ci is another's"),
            (
                a_resource(an_instance(attributes={"cloud_stack_slug": "s"})),
                "grafana_api_key.ci is another's",
            ),
        ],
        ids=range(12),
    )
    def test_is_refused_for_a_key(self, resource: dict[str, Any], why: str) -> None:
        assert told_by(a_state(resource)) == why


class TestAKey:
    def test_that_is_not_migrated_stops_all(self) -> None:
        others = [
            a_resource(an_instance(attributes={"id": f"1:{number}"}), name=f"k{number}")
            for number in range(10, 22)
        ]
        assert told_by(a_state(a_resource(), *others)) == (
            "not migrated, or not of this server: "
            + ", ".join(f"grafana_api_key.k{number}" for number in range(10, 20))
            + " and 2 more"
        )

    def test_of_another_server_is_known_by_its_name(self) -> None:
        resource = a_resource(an_instance(attributes={"name": "cd"}))
        assert told_by(a_state(resource)) == "not migrated, or not of this server: grafana_api_key.ci"

    def test_is_looked_for_in_its_organization_or_that_of_the_credential(self) -> None:
        keys = a_resource(an_instance(index_key=0), an_instance(index_key=1, attributes={"id": "0:9"}))
        plain = a_resource(an_instance(attributes={"id": "12"}), name="old")
        asked = asked_about(state_of(a_state(keys, plain)), ())
        assert [(one.org, one.id) for one in asked] == [(1, 3), (0, 9), (0, 12)]

    def test_of_one_of_several_providers_is_only_rewritten_if_that_is_named(self) -> None:
        staging = a_resource(provider='module.m.provider["h/g/grafana"].staging', name="s")
        odd = a_resource(provider="provider.grafana", name="o")
        text = a_state(a_resource(), staging, odd)
        with pytest.raises(SeveralProviders, match=r"^grafana, grafana\.staging, provider\.grafana$"):
            adopted(state_of(text), (), {(1, 3): CI})
        with pytest.raises(NothingToRewrite, match=r"belong to grafana, grafana\.staging"):
            adopted(state_of(text), ["other"], {(1, 3): CI})
        after = adopted(state_of(text), ["grafana.staging"], {(1, 3): CI})
        assert [one["type"] for one in json.loads(after)["resources"]].count("grafana_api_key") == 2

    def test_keeps_what_is_hidden_from_view(self) -> None:
        marked = [[{"type": "get_attr", "value": name}] for name in ("name", "role", "key")]
        after = adopted(
            state_of(a_state(a_resource(an_instance(sensitive_attributes=marked)))), (), {(1, 3): CI}
        )
        account, token = (
            one["instances"][0]["sensitive_attributes"] for one in json.loads(after)["resources"]
        )
        assert [path[0]["value"] for path in account] == ["name", "role"]
        assert [path[0]["value"] for path in token] == ["name", "key"]

    def test_without_what_was_hidden_is_hidden_all_the_same(self) -> None:
        odd = a_resource(an_instance(sensitive_attributes=None, dependencies="x"))
        after = adopted(state_of(a_state(odd)), (), {(1, 3): CI})
        assert json.loads(after)["resources"][1]["instances"][0]["sensitive_attributes"] == [
            [{"type": "get_attr", "value": "key"}]
        ]


class TestUndoing:
    AFTER = adopted(
        state_of(a_state(a_resource(an_instance(index_key=0), an_instance(index_key=1)))), (), {(1, 3): CI}
    )

    def test_is_refused_while_no_token_is_a_key(self) -> None:
        for keys in ({}, {(1, 3): RevertedKey("other", "Viewer")}, {(2, 3): RevertedKey("ci", "Viewer")}):
            with pytest.raises(NothingToRewrite):
                reverted(state_of(self.AFTER), keys)
        assert orgs_of_tokens(state_of(self.AFTER)) == {1}

    def test_is_refused_for_a_part_of_a_resource(self) -> None:
        mixed = self.AFTER.replace('"id":"3"', '"id":"4"', 1).replace('"id": "3"', '"id": "4"', 1)
        with pytest.raises(KeysUnaccounted, match=r"not reverted, .*grafana_service_account_token\.ci\[0\]"):
            reverted(state_of(mixed), {(1, 3): RevertedKey("ci", "Viewer")})

    def test_is_refused_without_the_account(self) -> None:
        alone = json.loads(self.AFTER)
        del alone["resources"][0]
        with pytest.raises(
            KeysUnaccounted, match=r"no account beside the token: grafana_service_account\.ci\[0\]"
        ):
            reverted(state_of(json.dumps(alone)), {(1, 3): RevertedKey("ci", "Viewer")})


class TestLettingGo:
    def test_gives_blocks_that_an_apply_takes(self) -> None:
        many = a_resource(an_instance(index_key="a"), name="many", module='module.m["x"]')
        assert let_go(state_of(a_state(a_resource(), many)), (), {(1, 3): CI}) == (
            "removed {\n  from = grafana_api_key.ci\n\n  lifecycle {\n    destroy = false\n  }\n}\n\n"
            'import {\n  to = grafana_service_account.ci\n  id = "1:4"\n}\n\n'
            'resource "grafana_service_account" "ci" {\n  name        = "sa-autogen-ci"\n'
            '  role        = "Viewer"\n  is_disabled = false\n}\n\n'
            "removed {\n  from = module.m.grafana_api_key.many\n\n"
            "  lifecycle {\n    destroy = false\n  }\n}\n\n"
            'import {\n  to = module.m["x"].grafana_service_account.many["a"]\n  id = "1:4"\n}\n'
        )

    def test_is_refused_for_a_key_that_is_not_migrated(self) -> None:
        with pytest.raises(KeysUnaccounted):
            let_go(state_of(a_state(a_resource())), (), {})
