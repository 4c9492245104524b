"""Each failure has one id and a sentence, and its kind is one that callers know."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import keystead.core
from keystead.core import errors
from keystead.core.access.errors import PermissionMissing
from keystead.core.accounts.errors import UserNotFound
from keystead.core.errors import KeysteadError

KINDS = tuple(kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not KeysteadError)


def failures(kind: type[KeysteadError] = KeysteadError) -> Iterator[type[KeysteadError]]:
    for child in kind.__subclasses__():
        yield child
        yield from failures(child)


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    for module in pkgutil.walk_packages(keystead.core.__path__, "keystead.core."):
        importlib.import_module(module.name)


class TestAFailure:
    def test_has_an_id_and_a_sentence_of_its_own(self) -> None:
        named = [failure for failure in failures() if failure not in KINDS]
        assert all({"message", "message_id"} <= vars(failure).keys() for failure in named)
        ids = [failure.message_id for failure in named]
        assert sorted(ids) == sorted(set(ids))

    def test_is_of_a_kind_that_a_caller_can_act_on(self) -> None:
        assert all(issubclass(failure, KINDS) for failure in failures())

    def test_keeps_its_detail_apart_from_what_is_told(self) -> None:
        failure = UserNotFound("user=7")
        assert (failure.message, failure.detail, str(failure)) == ("user not found", "user=7", "user=7")
        assert str(UserNotFound()) == "user not found"

    def test_of_a_missing_permission_says_which(self) -> None:
        assert PermissionMissing("apikeys:read").needed == "apikeys:read"
        assert PermissionMissing().needed == ""
