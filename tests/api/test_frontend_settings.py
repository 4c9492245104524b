from keystead.core.access.roles import Role
from tests.doors import House, MakeHouse, told

SETTINGS = "/api/frontend/settings"


class TestTheFrontendSettings:
    def test_name_the_level_of_the_api(self, house: House) -> None:
        answer = house.as_key(Role.VIEWER).get(SETTINGS)
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        shown = answer.json()
        assert shown["buildInfo"] | {"commit": "", "buildstamp": 0} == {
            "version": "9.3.2",
            "commit": "",
            "buildstamp": 0,
            "edition": "Open Source",
            "env": "production",
            "hideVersion": False,
            "latestVersion": "",
            "hasUpdate": False,
        }
        assert shown["licenseInfo"]["edition"] == "Open Source"
        assert shown["rbacEnabled"] is True
        assert (shown["appSubUrl"], shown["datasources"], shown["featureToggles"]) == ("", {}, {})

    def test_name_where_the_server_is(self, make_house: MakeHouse) -> None:
        house = make_house(server__root_url="http://127.0.0.1:3000/keys/", server__serve_from_sub_path=True)
        shown = house.as_admin().get(f"/keys{SETTINGS}").json()
        assert (shown["appUrl"], shown["appSubUrl"]) == ("http://127.0.0.1:3000/keys/", "/keys")

    def test_say_who_may_create_organizations(self, house: House) -> None:
        assert house.as_admin().get(SETTINGS).json()["allowOrgCreate"] is True
        assert house.as_key().get(SETTINGS).json()["allowOrgCreate"] is False

    def test_are_told_to_nobody_unknown(self, house: House) -> None:
        assert told(house.client().get(SETTINGS)) == (401, "Unauthorized")
