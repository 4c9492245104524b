"""Lets requests into an ASGI application when a Keystead says that their key or token is good."""

from keystead.asgi.gate import Refused
from keystead.asgi.middleware import KeysteadMiddleware
from keystead.asgi.requirement import check, require
from keystead.client import Identity, Permission

__all__ = ["Identity", "KeysteadMiddleware", "Permission", "Refused", "check", "require"]
