import os
import resource
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner, Result

from keystead.bootstrap import open_database, open_for_writing, open_passwords
from keystead.cli.app import Tools, cli
from keystead.cli.plan import ServerPlan
from keystead.core.installation.errors import FileLoose, PublishedSecret
from keystead.settings import Settings, config_content, read_settings

ANYWHERE = "0.0.0.0"  # noqa: S104 - what is refused, unless somebody answers for it
pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1", ANYWHERE])


@dataclass
class Operator:
    """Who types the command: an environment, and a server that only notes that it was started."""

    data_dir: Path
    environ: dict[str, str] = field(default_factory=dict)
    first_password: Path | None = None
    prepare_fails: Exception | None = None
    served: list[ServerPlan] = field(default_factory=list)
    prepared: list[Settings] = field(default_factory=list)

    def types(self, *words: str) -> Result:
        tools = Tools(self.plan_server, self.served.append, open_passwords, open_database, open_for_writing)
        command = [*words, "--data-dir", str(self.data_dir)] if "--help" not in words else [*words]
        return CliRunner().invoke(cli, command, obj=tools)

    def plan_server(
        self, command: Literal["dev", "serve"], config: Path | None, flags: Mapping[str, object]
    ) -> ServerPlan:
        settings = read_settings(self.environ, file=config_content(config), flags=flags, command=command)
        return ServerPlan(
            host=settings.server.host,
            port=settings.server.port,
            workers=settings.server.workers,
            tls_cert=settings.server.tls_cert,
            tls_key=settings.server.tls_key,
            is_behind_proxy=settings.server.behind_proxy,
            is_insecure_http=settings.server.insecure_http,
            root_url=settings.root_url,
            admin_user=settings.security.admin_user,
            has_published_password=settings.has_published_password,
            data_dir=settings.data_dir,
            configure_logging=lambda: None,
            prepare=lambda: self.prepare(settings),
            load_app=Starlette,
        )

    def prepare(self, settings: Settings) -> Path | None:
        self.prepared.append(settings)
        if self.prepare_fails is not None:
            raise self.prepare_fails
        return self.first_password


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    before = os.umask(0o022)
    yield Operator(tmp_path / "data")
    os.umask(before)


@pytest.fixture
def port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.goal("G46")
class TestServe:
    @pytest.mark.parametrize("host", [ANYWHERE, "192.0.2.7", "::"])
    def test_refuses_an_open_address_without_protection(self, operator: Operator, host: str) -> None:
        answer = operator.types("serve", "--host", host)
        assert answer.exit_code == 2
        assert "would cross the network unprotected" in answer.stderr
        assert "--behind-proxy" in answer.stderr
        assert (operator.prepared, operator.served) == ([], [])

    @pytest.mark.parametrize("flag", ["--behind-proxy", "--insecure-http"])
    def test_takes_an_open_address_that_somebody_answers_for(
        self, operator: Operator, flag: str, port: str
    ) -> None:
        assert operator.types("serve", "--host", ANYWHERE, "--port", port, flag).exit_code == 0
        assert [plan.host for plan in operator.served] == [ANYWHERE]

    def test_takes_an_open_address_with_tls(self, operator: Operator, tmp_path: Path, port: str) -> None:
        key = tmp_path / "key.pem"
        key.write_text("key")
        key.chmod(0o600)
        answer = operator.types(
            "serve",
            "--host",
            ANYWHERE,
            "--port",
            port,
            "--tls-cert",
            "c",
            "--tls-key",
            str(key),
        )
        assert answer.exit_code == 0
        assert operator.served[0].root_url == f"https://localhost:{port}"

    def test_listens_on_loopback_when_nothing_is_said(self, operator: Operator, port: str) -> None:
        assert operator.types("serve", "--port", port).exit_code == 0
        assert operator.served[0].host == "127.0.0.1"

    def test_refuses_the_published_password(self, operator: Operator) -> None:
        operator.environ["KEYSTEAD_SECURITY__ADMIN_PASSWORD"] = "admin"
        answer = operator.types("serve")
        assert answer.exit_code == 2
        assert "published password" in answer.stderr
        assert (operator.prepared, operator.served) == ([], [])

    @pytest.mark.parametrize(
        ("failure", "told"),
        [
            (PublishedSecret("secrets.json"), "the secret key that Grafana publishes"),
            (FileLoose("secrets.json"), "may be read by other users"),
        ],
    )
    def test_refuses_a_bad_secrets_file(
        self, operator: Operator, failure: Exception, told: str, port: str
    ) -> None:
        operator.prepare_fails = failure
        answer = operator.types("serve", "--port", port)
        assert answer.exit_code == 1
        assert told in answer.stderr
        assert "secrets.json" in answer.stderr
        assert operator.served == []

    def test_refuses_an_address_where_another_server_listens(self, operator: Operator) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            answer = operator.types("serve", "--port", str(other.getsockname()[1]))
        assert answer.exit_code == 1
        assert "cannot be listened on" in answer.stderr
        assert operator.prepared == []

    def test_names_the_setting_that_is_wrong_and_where_it_came_from(
        self, operator: Operator, tmp_path: Path
    ) -> None:
        config = tmp_path / "k.toml"
        config.write_text("[server]\nport = 'hush'\n")
        answer = operator.types("serve", "--config", str(config))
        assert answer.exit_code == 2
        assert answer.stderr == (
            "keystead: A setting is wrong: `[server] port`, from the configuration file,"
            " must be a port from 1 to 65535\n"
        )

    def test_names_the_file_of_the_first_password_and_not_the_password(
        self, operator: Operator, port: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
    ) -> None:
        operator.first_password = tmp_path / "initial-admin-password"
        operator.first_password.write_text("hush")
        answer = operator.types("serve", "--port", port)
        assert f"the first password of admin is in {operator.first_password}" in caplog.text
        assert "hush" not in caplog.text + answer.output

    def test_leaves_no_rights_to_others_and_no_core_dump(self, operator: Operator, port: str) -> None:
        operator.types("serve", "--port", port)
        assert os.umask(0o022) == 0o077
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


@pytest.mark.goal("G46")
class TestDev:
    @pytest.mark.parametrize("host", [ANYWHERE, "127.0.0.2", "192.0.2.7", "::"])
    def test_refuses_every_address_but_loopback(self, operator: Operator, host: str) -> None:
        operator.environ["KEYSTEAD_SERVER__BEHIND_PROXY"] = "true"
        operator.environ["KEYSTEAD_SERVER__INSECURE_HTTP"] = "true"
        answer = operator.types("dev", "--host", host)
        assert answer.exit_code == 2
        assert "listens on 127.0.0.1 or ::1 only" in answer.stderr
        assert (operator.prepared, operator.served) == ([], [])

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
    def test_tells_the_address_and_how_to_sign_in(self, operator: Operator, host: str, port: str) -> None:
        answer = operator.types("dev", "--host", host, "--port", port)
        assert answer.exit_code == 0
        assert operator.served[0].root_url + "/\n" in answer.stdout
        assert "Sign in as admin, password: admin" in answer.stdout

    def test_does_not_tell_a_password_that_is_not_the_published_one(
        self, operator: Operator, port: str
    ) -> None:
        operator.environ["KEYSTEAD_SECURITY__ADMIN_PASSWORD"] = "hush hush hush hush"
        answer = operator.types("dev", "--port", port)
        assert "password: your own" in answer.stdout
        assert "hush" not in answer.output

    def test_takes_the_profile_as_a_flag(self, operator: Operator, port: str) -> None:
        operator.types("dev", "--port", port, "--compatibility", "grafana-9.3")
        assert operator.prepared[0].auth.api_key_max_seconds_to_live == -1

    def test_knows_no_flag_for_many_workers(self, operator: Operator) -> None:
        assert operator.types("dev", "--workers", "2").exit_code == 2


@pytest.mark.parametrize("command", [[], ["dev"], ["serve"]], ids=["keystead", "dev", "serve"])
def test_the_help_has_an_example(operator: Operator, command: list[str]) -> None:
    answer = operator.types(*command, "--help")
    assert answer.exit_code == 0
    assert f"Example: keystead {' '.join(command)}".strip() in answer.stdout
