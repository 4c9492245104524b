"""Each rule, and the ways of putting texts together that the sample trees do not have."""

import pytest

from keystead.core.scan.grammars import parse_or_none
from keystead.core.scan.rules import RULES, instead_of
from keystead.core.scan.scan import scan

SUM = " + ".join(['"/api/auth/keys"', *(f"x{number}" for number in range(1_500))])


def rules_in(path: str, text: str) -> list[str]:
    return [one.rule for one in scan(path, text.encode())]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'print(-"/api/auth/keys")'),
        ("a.py", 'u = "{1}/{0}".format("keys", "/api/auth")'),
        ("a.py", 'u = "{5}/api/auth/keys".format(1)'),
        ("a.py", 'a, b = "/api/auth", 1\nu = a + "/keys"'),
        ("a.py", 'u = a + "/keys"\na = "/api/auth"'),
        ("a.py", 'u = str("/api/auth") + "/keys"'),
        ("a.py", 'u = Path("/api") / "auth" / "keys"'),
        ("a.py", 'f = lambda: "/api" and "/api/auth/keys"'),
        ("a.py", 'get("https://grafana.example.com/api/auth/keys", data="the old keys")'),
        ("a.py", 'def f(base="/api/auth"):\n    return base + "/keys"'),
        ("a.go", 'package m\nfunc f() { a, b := "/x", "/api/auth"; g(b + "/keys") }'),
        ("a.py", 'u = "\\x2e/api/auth" + "\\n/api/auth/keys"'),
        ("a.js", "fetch(`${/**/}/api/auth/keys`)"),
        ("a.py", 'u = f"{{x}}/api/auth/keys"'),
        ("a.js", 'const u = (host ?? "/api") + "/auth/keys"'),
        ("a.js", 'fetch(util.format("%s/keys", "/api/auth"))'),
        ("a.js", 'fetch(getEnv("AUTH", "/api/auth") + "/keys")'),
        ("a.sh", 'A="/api/auth"\nB="$A"/keys'),
        ("a.js", SUM),
        ("a.yaml", " " * 130 + "a: /api/auth/keys"),
        ("a.yaml", 'a: /api/auth/keys\n"x" ' + "- " * 300),
        ("a.yaml", "a: /api/auth/keys\n" + "x: y " + ": - " * 300),
        ("a.json", "[" * 1_100 + '"/api/auth/keys"' + "]" * 1_100),
        ("a.rs", 'let u = format!("{}/api/auth/keys", host);'),
        ("script", "#!/usr/bin/python3\nu = '/api' + '/auth' + '/keys'"),
        ("script", "#!/usr/bin/env -S ruby -w\nu = '/api' + '/auth' + '/keys'"),
        ("Rakefile", "u = '/api' + '/auth' + '/keys'"),
    ],
)
def test_a_path_is_found(path: str, text: str) -> None:
    assert rules_in(path, text) == ["auth-keys"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'a, b = f()\nu = a + "/auth/keys"'),
        ("a.py", 'u = "/api/auth" - "/keys"'),
        ("a.py", 'u = "/api/auth" + format() + "/keys"'),
        ("a.py", 'u = "/api/auth" + getenv() + "/keys"'),
        ("a.py", 'def f():\n    path = "/api/auth"\ndef g(path):\n    return path + "/keys"'),
        ("a.py", 'def f():\n    path = "/api/auth"\nu = path + "/keys"'),
        ("a.py", '(a)() + "/api/auth"; (b)("/keys")'),
        ("a.go", 'package m\nvar a, b = f("/api/auth")\nvar u = b + "/keys"'),
        ("a.js", 'import("./api/auth/keys")'),
        ("a.js", 'fetch(`${a}` + "/auth/keys")'),
        ("a.tf", 'a = join()\nb = "auth/keys"\nc = data.grafana.api'),
        ("a.tf", 'variable "x" {}\nu = "${var.x}/auth/keys"'),
        ("a.json", '{"path": ["api", ["auth"], "keys"]}'),
        ("a.json", '{"path": []}  "auth keys"'),
        ("a.py", "x = 'api' # auth keys"),
        ("a.conf", "auth = $auth\nkeys = ${keys}/api"),
    ],
)
def test_no_path_is_found(path: str, text: str) -> None:
    assert rules_in(path, text) == []


def test_a_short_path_behind_an_api_may_be_one() -> None:
    assert rules_in("a.ts", "fetch(`${apiUrl}/auth/keys`)") == ["auth-keys-mention"]
    assert rules_in("a.ts", "fetch(`${apiKey}/auth/keys`)") == []
    assert rules_in("a.py", 'api.get("/auth/keys")') == []


def test_source_that_machines_have_written_is_read_as_far_as_it_goes() -> None:
    many = "\n".join(
        f'keys{number} = auth{number} + "/api"\nx(keys{number} + "/auth")' for number in range(400)
    )
    assert rules_in("a.py", f'{many}\nget("/api/auth/keys")') == ["auth-keys"]
    often = "\n".join('keys = keys + "api" + auth' for _ in range(2_500))
    assert rules_in("a.js", f'{often}\nget("/api/auth/keys")') == ["auth-keys"]


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("a.rb", 'require "grafana"\nclient.create_api_key(1)', "client-api-key"),
        (
            "A.java",
            "import com.example.grafana.Client;\nclass A { void f() { c.getAPIkeys(); } }",
            "client-api-key",
        ),
        ("a.js", 'const c = require("grafana-client");\nc.deleteApiKey(1)', "client-api-key"),
        (
            "A.java",
            "import com.pulumi.grafana.ApiKey;\nclass A { Object k = new ApiKey(1); }",
            "pulumi-api-key",
        ),
        ("a.py", 'tf = \'resource "grafana_api_key" "x" {}\'', "terraform-api-key"),
        ("a.py", "# the resource grafana_api_key of Terraform", "terraform-api-key-mention"),
        ("a.txt", "Terraform: use no grafana_api_key any more", "terraform-api-key-mention"),
        ("a.tf", "resource grafana_api_key x {}", "terraform-api-key"),
    ],
)
def test_a_rule_finds(path: str, text: str, rule: str) -> None:
    assert rules_in(path, text) == [rule]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.rb", 'require "other"\nclient.create_api_key(1)'),
        ("a.py", "import grafana\ncreate_api_key = 1\ncreate_api_key(1)"),
        ("a.py", "import grafana\nsettings.get_api_key()"),
        ("a.py", "grafana_api_key = 1\nx.grafana_api_key.strip()"),
        ("a.py", "# grafana_api_key is read from the environment"),
        ("a.tf", "x = { grafana_api_key = 1 }\ny = grafana_api_key"),
    ],
)
def test_no_rule_finds(path: str, text: str) -> None:
    assert rules_in(path, text) == []


@pytest.mark.parametrize(
    ("code", "begins"),
    [
        ("curl -X DELETE $U/api/auth/keys/7", "DELETE /api/serviceaccounts/{id}/tokens/{tokenId}"),
        ("requests.get(url)", "GET /api/serviceaccounts/search"),
        ("curl $U/api/auth/keys -d @key.json", "POST /api/serviceaccounts, then"),
        ("get(url) or post(url)", RULES["auth-keys"].instead),
        ("url", RULES["auth-keys"].instead),
    ],
)
def test_the_method_chooses_what_to_write_instead(code: str, begins: str) -> None:
    assert instead_of("auth-keys", code).startswith(begins)


def test_a_tangle_is_given_up() -> None:
    source = b"const x = [1, 2, 3];" * 2_000
    assert parse_or_none("tsx", source, least_steps=-len(source)) is None
    assert parse_or_none("tsx", source) is not None


def test_a_long_line_is_shortened() -> None:
    [one] = scan("a.py", f'get("/api/auth/keys", {"x" * 500})'.encode())
    assert len(one.code) == 200
