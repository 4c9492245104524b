from tests.core.makers import PEPPER


class TestAPepper:
    def test_does_not_show_its_value(self) -> None:
        assert repr(PEPPER) == "Pepper(id=1, value=<secret>)"
