"""The log: one line for each request and each failure, without secrets, queries or raw control characters."""

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request

from keystead.core.access.principal import Principal
from keystead.core.errors import KeysteadError
from keystead.http.gate import PRINCIPAL

_log = logging.getLogger(__name__)
_FAILED = 500
_HANDLER = "keystead"
_SECRETS = re.compile(
    r"""(?ix) (\b(?:(?:proxy-)?authorization|(?:set-)?cookie)(?:['"]\s*,\s*|['"]?\s*[:=]\s*))[^\r\n]*
    | (\b(?:bearer|basic)\s+)[\w+/=.~-]{8,}
    | [a-z]{1,16}_[0-9a-z]{32}_[0-9a-f]{8}  # a token
    | [0-9a-z+/]{60,}={0,2}                 # a legacy key, a session, a token in base64 or hex
    """
)
_as_json = partial(
    json.dumps, ensure_ascii=True, default=repr
)  # no value can end the line or drive a terminal
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {10: "\n    | "}


@dataclass(frozen=True, slots=True)
class LogRules:
    level: str  # debug, info, warning or error
    format: str  # json or text


def configure_logging(rules: LogRules) -> None:
    """Send every logger of the process to standard error, in one form, once for each worker."""
    handler = logging.StreamHandler(sys.stderr)
    handler.name = _HANDLER
    handler.setFormatter(Lines(_as_json if rules.format == "json" else as_text))
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if kept.name != _HANDLER] + [handler]
    root.setLevel(rules.level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells each start that there is nothing to do
    logging.raiseExceptions = False  # a line that cannot be written would be shown raw
    logging.captureWarnings(capture=True)


def log_request(request: Request, status: int, duration_s: float) -> None:
    """Tell who asked for what, by the route's template: the path and the query may hold anything."""
    level = logging.WARNING if status >= _FAILED else logging.INFO
    if _log.isEnabledFor(level):
        told = fields_of(request) | {"status": status, "duration_ms": round(duration_s * 1000, 3)}
        _log.log(level, "request", extra={"fields": told})


def log_failure(request: Request, error: Exception) -> None:
    """Tell the operator what the caller is not told. An expected failure has no traceback."""
    fields = {"fields": fields_of(request)}
    if isinstance(error, KeysteadError):
        _log.error("%s: %s", error.message_id, error, extra=fields)
    else:
        _log.error("request failed", exc_info=error, extra=fields)


def log_denial(request: Request, error: KeysteadError, access_id: str) -> None:
    """Tell the operator what was needed and what the caller held; the answer has the same id."""
    _log.info("denied: %s", error, extra={"fields": fields_of(request) | {"access_error_id": access_id}})


def fields_of(request: Request) -> dict[str, object]:
    told: dict[str, object] = {
        "request_id": request.scope.get("keystead.request_id"),
        "method": request.method,
    }
    told["route"] = request.scope.get("keystead.route")
    by: Principal | None = request.scope.get(PRINCIPAL)
    if by is not None:
        told |= {"principal": by.kind.value, "account": by.account_id, "credential": by.credential_id}
        told["org"] = by.org
    return told


def redacted(text: str) -> str:
    """Take out whatever has the form of a credential, and the values of headers that carry one."""
    return _SECRETS.sub(lambda found: f"{found[1] or found[2] or ''}<redacted>", text)


class Lines(logging.Formatter):
    """A record to its members, and these to text by `render`."""

    def __init__(self, render: Callable[[dict[str, object]], str]) -> None:
        super().__init__()
        self.render = render

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {
            "time": f"{at[:-6]}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        fields: Mapping[str, object] = getattr(record, "fields", {})
        told |= {name: redacted(value) if isinstance(value, str) else value for name, value in fields.items()}
        if record.exc_info:
            told["traceback"] = redacted(self.formatException(record.exc_info))
        return self.render(told)


def as_text(told: dict[str, object]) -> str:
    """For eyes: a traceback stands below, and a mark before each line that is not a new record."""
    head = " ".join(str(told.pop(name)) for name in ("time", "level", "logger", "message"))
    below = f"\n{told.pop('traceback')}" if "traceback" in told else ""
    line = " ".join([head, *(f"{name}={value}" for name, value in told.items())])
    return (line + below).translate(_CONTROLS)
