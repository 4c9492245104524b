from keystead.core.accounts.model import AccountId
from keystead.core.pepper import Pepper
from keystead.core.sessions.subject import subject_of_name, subject_of_user
from tests.core.makers import PEPPER


class TestASubject:
    def test_of_a_person_is_their_account(self) -> None:
        assert subject_of_user(AccountId(7)) == "user:7"

    def test_of_an_unknown_name_is_the_same_in_any_case(self) -> None:
        assert subject_of_name(PEPPER, "Ghost") == subject_of_name(PEPPER, "gHOST")
        assert subject_of_name(PEPPER, "ghost") != subject_of_name(PEPPER, "ghosts")

    def test_of_an_unknown_name_tells_nothing_without_the_key(self) -> None:
        told = subject_of_name(PEPPER, "ghost")
        assert "ghost" not in told
        assert told != subject_of_name(Pepper.of(1, bytes(32)), "ghost")
