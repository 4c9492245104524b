import pytest

from keystead.core.access.errors import RoleInvalid
from keystead.core.access.roles import ROLES_ASCENDING, Role, parse_role, reaches


class TestARole:
    def test_reaches_itself_and_what_is_below(self) -> None:
        reached = [[reaches(own, wanted) for wanted in ROLES_ASCENDING] for own in ROLES_ASCENDING]
        assert reached == [[True, False, False], [True, True, False], [True, True, True]]

    def test_that_is_missing_reaches_none(self) -> None:
        assert not any(reaches(None, wanted) for wanted in Role)


class TestReadingARole:
    @pytest.mark.parametrize("text", ["Viewer", "viewer", ""])
    def test_takes_a_small_first_letter_and_nothing_for_viewer(self, text: str) -> None:
        assert parse_role(text) is Role.VIEWER

    @pytest.mark.parametrize(
        ("text", "role"), [("Editor", Role.EDITOR), ("editor", Role.EDITOR), ("admin", Role.ADMIN)]
    )
    def test_takes_the_others_likewise(self, text: str, role: Role) -> None:
        assert parse_role(text) is role

    @pytest.mark.parametrize(
        "text", ["VIEWER", " Viewer", "Viewer ", "None", "Owner", "Grafana Admin", "vIEWER"]
    )
    def test_refuses_everything_else(self, text: str) -> None:
        with pytest.raises(RoleInvalid):
            parse_role(text)
