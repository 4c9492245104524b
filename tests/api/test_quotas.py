import pytest

from keystead.core.access.roles import Role
from tests.doors import HOME, House, Unchanged, told

PATHS = [
    "/api/org/quotas",
    f"/api/orgs/{HOME}/quotas",
    "/api/user/quotas",
    "/api/admin/users/1/quotas",
]


class TestQuotas:
    @pytest.mark.parametrize("path", PATHS)
    def test_are_off(self, house: House, unchanged: Unchanged, path: str) -> None:
        client = house.as_admin()
        client.get("/api/user")
        expected = {"statusCode": 403, "messageId": "quota.disabled", "message": "Quotas not enabled"}
        with unchanged():
            for answer in (client.get(path), client.put(f"{path}/api_key", json={"limit": 1})):
                assert answer.status_code == 403
                assert answer.json() == expected

    @pytest.mark.parametrize("path", PATHS)
    def test_are_no_business_of_strangers(self, house: House, path: str) -> None:
        assert told(house.client().get(path)) == (401, "Unauthorized")
        assert told(house.client().put(f"{path}/api_key")) == (401, "Unauthorized")

    @pytest.mark.parametrize("path", PATHS[:2] + PATHS[3:])
    def test_ask_for_a_right_before_they_say_so(self, house: House, path: str) -> None:
        answer = house.as_member(Role.VIEWER).put(f"{path}/api_key", json={"limit": 1})
        assert ".quotas:write" in told(answer)[1]
