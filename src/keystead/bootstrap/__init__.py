"""The composition root: the only package that knows every other one."""

from keystead.bootstrap.command import open_database, open_for_writing, open_passwords, plan_server, run_cli
from keystead.bootstrap.parts import Storage, make_deps
from keystead.bootstrap.routes import DECLARED, ENDPOINTS
from keystead.bootstrap.serving import make_app

__all__ = [
    "DECLARED",
    "ENDPOINTS",
    "Storage",
    "make_app",
    "make_deps",
    "open_database",
    "open_for_writing",
    "open_passwords",
    "plan_server",
    "run_cli",
]
