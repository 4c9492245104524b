import json
import logging
from collections.abc import Iterator

import pytest
from starlette.requests import Request

from keystead.core.access.grants import Grants
from keystead.core.access.principal import Origin, Principal, PrincipalKind
from keystead.core.access.roles import Role
from keystead.core.accounts.model import AccountId
from keystead.core.credentials.model import CredentialId
from keystead.core.installation.database_errors import DatabaseUnavailable
from keystead.core.orgs.model import OrgId
from keystead.http.gate import PRINCIPAL
from keystead.http.log import LogRules, configure_logging, log_failure, log_request

TOKEN = "glsa_" + "abcdefghijklmnopqrstuvwxyzABCDEF" + "_5f5c5c5c"
LEGACY = "eyJrIjoiYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXpBQkNERUYiLCJuIjoiY2kiLCJpZCI6MX0="
SESSION = "0123456789abcdef" * 4
JSON, TEXT = LogRules("info", "json"), LogRules("info", "text")


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """Give the logging of the test run back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield root
    root.handlers, logging.raiseExceptions = handlers, True
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def a_request(by: Principal | None = None) -> Request:
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/x/{TOKEN}",
        "query_string": b"token=" + TOKEN.encode(),
        "headers": [(b"authorization", f"Bearer {TOKEN}".encode())],
        "keystead.route": "/api/x/{id}",
        "keystead.request_id": "r-1",
        PRINCIPAL: by,
    }
    return Request(scope)


def a_principal() -> Principal:
    return Principal(
        kind=PrincipalKind.SERVICE_ACCOUNT,
        account_id=AccountId(7),
        credential_id=CredentialId(12),
        session_id=None,
        org=OrgId(1),
        role=Role.VIEWER,
        login="sa-ci",
        name="ci",
        is_server_admin=False,
        grants=Grants.of((), is_org_admin=False),
        origin=Origin(),
    )


def line_of(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    [line] = capsys.readouterr().err.splitlines()
    told: dict[str, object] = json.loads(line)
    return told


class TestARequest:
    def test_is_one_line_that_tells_who_and_the_template_of_the_route(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logging(JSON)
        log_request(a_request(a_principal()), 200, 0.0123456)
        told = line_of(capsys)
        assert str(told.pop("time")).endswith("Z")
        assert told == {
            "level": "info",
            "logger": "keystead.http.log",
            "message": "request",
            "request_id": "r-1",
            "method": "POST",
            "route": "/api/x/{id}",
            "principal": "serviceaccount",
            "account": 7,
            "credential": 12,
            "org": 1,
            "status": 200,
            "duration_ms": 12.346,
        }

    def test_of_nobody_has_no_principal(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        log_request(a_request(), 401, 0)
        assert "principal" not in line_of(capsys)

    def test_that_failed_is_a_warning(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        log_request(a_request(), 503, 0)
        assert line_of(capsys)["level"] == "warning"


class TestAFailure:
    def test_that_was_expected_is_told_with_its_detail_and_without_traceback(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logging(JSON)
        log_failure(a_request(), DatabaseUnavailable("disk full"))
        told = line_of(capsys)
        assert told["message"] == "installation.database-unavailable: disk full"
        assert "traceback" not in told

    def test_that_was_not_has_a_traceback_without_secrets_and_local_variables(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logging(JSON)
        hidden = "local" + "-value"
        try:
            int(f"{TOKEN} {len(hidden)}")
        except ValueError as error:
            log_failure(a_request(), error)
        told = line_of(capsys)
        assert "ValueError" in str(told["traceback"])
        assert TOKEN not in str(told)
        assert hidden not in str(told)


class TestASecret:
    @pytest.mark.parametrize(
        "text",
        [
            TOKEN,
            f"key={LEGACY};",
            f"grafana_session={SESSION}",
            TOKEN.encode().hex(),
            "Authorization: Basic YWRtaW46aHVzaA==",
            "basic YWRtaW46aHVzaA==",
            "{'authorization': 'Basic YWRtaW46aHVzaA=='}",
            "[(b'cookie', b'grafana_session=YWRtaW46aHVzaA=='), (b'x', b'y')]",
            "Set-Cookie: s=YWRtaW46aHVzaA==; Path=/",
            "https://h/?token=" + TOKEN + "&x=1",
        ],
        ids=[
            "token",
            "key",
            "session",
            "hex",
            "header",
            "scheme",
            "dictionary",
            "pairs",
            "set-cookie",
            "url",
        ],
    )
    def test_is_taken_out_of_any_line(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        logging.getLogger("other").warning("seen: %s", text)
        message = str(line_of(capsys)["message"])
        assert "<redacted>" in message
        for secret in (TOKEN, TOKEN.encode().hex(), LEGACY, SESSION, "YWRtaW46aHVzaA"):
            assert secret not in message

    @pytest.mark.parametrize(
        "text",
        [
            "/api/serviceaccounts/{service_account_id}/tokens",
            "authorization was refused",
            "0001_first_tables",
        ],
    )
    def test_is_not_seen_where_there_is_none(self, text: str, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        logging.getLogger("other").warning(text)
        assert line_of(capsys)["message"] == text

    def test_in_a_field_is_taken_out_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        logging.getLogger("other").warning("x", extra={"fields": {"agent": TOKEN}})
        assert line_of(capsys)["agent"] == "<redacted>"


class TestControlCharacters:
    FORGED = "name\r\n2026 info keystead request \x1b[2J\x9b"

    def test_are_escaped_in_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(JSON)
        logging.getLogger("other").warning(self.FORGED)
        written = capsys.readouterr().err
        assert written.count("\n") == 1
        assert written.isascii()
        assert "\x1b" not in written

    def test_are_escaped_in_text_and_no_line_can_be_forged(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(TEXT)
        logging.getLogger("other").warning(self.FORGED)
        first, second = capsys.readouterr().err.splitlines()
        assert first.endswith("other name\\x0d")
        assert second == "    | 2026 info keystead request \\x1b[2J\\x9b"

    def test_mark_each_line_of_a_traceback(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logging(TEXT)
        log_failure(a_request(), ValueError("no"))
        first, *others = capsys.readouterr().err.splitlines()
        assert "method=POST route=/api/x/{id}" in first
        assert others == ["    | ValueError: no"]


def test_a_line_below_the_level_is_not_written(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(LogRules("error", "json"))
    configure_logging(LogRules("error", "json"))
    log_request(a_request(), 200, 0)
    root.error("once")
    assert line_of(capsys)["message"] == "once"
