from sqlalchemy import update

from keystead.core.access.roles import Role
from keystead.storage.schema import credential
from tests.doors import HOME, House, told
from tests.makers import NOON, a_service_account, a_token, an_api_key

REPORT = "/api/credentials/report"
DAY = 24 * 3600


class TestTheReport:
    def test_tells_keys_and_tokens_with_every_reason(self, house: House) -> None:
        with house.database.write() as db:
            key = an_api_key(db, HOME, name="a", expires_at=NOON + DAY)
            owner = a_service_account(db, HOME, role=Role.EDITOR)
            token = a_token(db, HOME, owner, name="b")
            used = {"last_used_at": NOON - 40 * DAY}
            db.execute(update(credential).where(credential.c.id == token).values(used))
        told_now = house.as_admin().get(REPORT).json()
        assert told_now["items"] == [
            {
                "kind": "apikey",
                "id": key,
                "name": "a",
                "serviceAccountId": None,
                "role": "Viewer",
                "expiration": "2023-11-15T22:13:20Z",
                "lastUsedAt": None,
                "reasons": ["expiring", "never-used"],
            },
            {
                "kind": "token",
                "id": token,
                "name": "b",
                "serviceAccountId": owner,
                "role": "Editor",
                "expiration": None,
                "lastUsedAt": "2023-10-05T22:13:20Z",
                "reasons": ["unused", "no-expiration"],
            },
        ]
        assert told_now["next"] is None
        assert told_now["counts"] == {
            "expiring": 1,
            "expired": 0,
            "unused": 1,
            "never-used": 1,
            "no-expiration": 1,
        }
        later = house.as_admin().get(f"{REPORT}?reason=unused&unusedDays=41").json()
        assert (later["items"], later["counts"]["unused"]) == ([], 0)

    def test_goes_on_page_by_page(self, house: House) -> None:
        with house.database.write() as db:
            for number in range(5):
                an_api_key(db, HOME, name=f"key {number}", expires_at=NOON - number)
        client, path = house.as_admin(), f"{REPORT}?reason=expired&limit=2"
        answers = [client.get(path).json()]
        while answers[-1]["next"]:
            answers.append(client.get(f"{path}&after={answers[-1]['next']}").json())
        seen = [[one["name"] for one in answer["items"]] for answer in answers]
        assert seen == [["key 4", "key 3"], ["key 2", "key 1"], ["key 0"]]
        for limit in ("0", "-1", "x", "100000"):
            assert len(client.get(f"{REPORT}?reason=expired&limit={limit}").json()["items"]) == 5

    def test_holds_only_what_the_caller_may_read(self, house: House) -> None:
        with house.database.write() as db:
            an_api_key(db, HOME, name="key", expires_at=NOON - 1)
            owner = a_service_account(db, HOME)
            a_token(db, HOME, owner, name="token")
        one = house.as_holder(Role.VIEWER, ("serviceaccounts:read", f"serviceaccounts:id:{owner}"))
        answer = one.get(REPORT).json()
        assert [item["name"] for item in answer["items"]] == ["token"]
        assert answer["counts"]["expired"] == 0
        assert house.as_key(Role.EDITOR).get(REPORT).status_code == 403

    def test_refuses_what_it_does_not_know(self, house: House) -> None:
        client = house.as_admin()
        assert told(client.get(f"{REPORT}?reason=admin-role")) == (
            400,
            "reason must be expiring, expired, unused, never-used or no-expiration",
        )
        assert told(client.get(f"{REPORT}?after=x")) == (
            400,
            "after must be the next of an answer with the same reason",
        )
