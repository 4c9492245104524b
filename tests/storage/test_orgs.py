import pytest

from keystead.core.orgs.errors import OrgNotFound
from keystead.core.orgs.model import Address, OrgId
from keystead.storage import orgs
from keystead.storage.engine import Database
from tests.makers import NOON, an_org

UNKNOWN = OrgId(2**62)  # whatever a path may spell
BERGEN = Address("Torget 1", "2nd floor", "Bergen", "5014", "Vestland", "Norway")


def named(database: Database, *names: str) -> list[OrgId]:
    with database.write() as db:
        return [orgs.add_org(db, name=name, at=NOON) for name in names]


def names_of(database: Database, *, prefix: str = "", name: str = "", offset: int = 0) -> list[str]:
    with database.read() as db:
        return [org.name for org in orgs.list_orgs(db, prefix=prefix, name=name, offset=offset, limit=9)]


class TestAnOrganization:
    def test_is_found_by_id_and_by_its_exact_name(self, database: Database) -> None:
        (org,) = named(database, "Blue & Søn")
        with database.read() as db:
            assert orgs.find_org(db, org) == orgs.find_org_by_name(db, "Blue & Søn")
            assert orgs.find_org(db, org).address == Address()

    @pytest.mark.parametrize("name", ["blue", "Blu%", "Blue\0"])
    def test_is_not_found_by_a_name_that_only_looks_alike(self, database: Database, name: str) -> None:
        named(database, "Blue")
        with database.read() as db, pytest.raises(OrgNotFound):
            orgs.find_org_by_name(db, name)

    def test_is_not_found_when_unknown(self, database: Database) -> None:
        with database.write() as db:
            assert not orgs.lock_org(db, UNKNOWN)
            with pytest.raises(OrgNotFound):
                orgs.find_org(db, UNKNOWN)

    def test_keeps_its_name_and_address(self, database: Database) -> None:
        first, second = named(database, "first", "second")
        with database.write() as db:
            assert orgs.lock_org(db, first)
            orgs.lock_org_names(db)
            orgs.set_name(db, first, name="renamed", at=NOON)
            orgs.set_address(db, first, BERGEN, at=NOON)
            assert (orgs.find_org(db, first).name, orgs.find_org(db, first).address) == ("renamed", BERGEN)
            assert (orgs.find_org(db, second).name, orgs.find_org(db, second).address) == (
                "second",
                Address(),
            )

    def test_takes_its_name_from_all_others(self, database: Database) -> None:
        (org,) = named(database, "Blue")
        with database.read() as db:
            assert orgs.is_org_name_taken(db, "Blue")
            assert not orgs.is_org_name_taken(db, "blue")
            assert not orgs.is_org_name_taken(db, "Blue", but=org)

    def test_goes_alone(self, database: Database) -> None:
        first, second = named(database, "first", "second")
        with database.write() as db:
            orgs.delete_org(db, first)
            assert not orgs.lock_org(db, first)
            assert orgs.lock_org(db, second)

    def test_never_gives_its_id_to_another(self, database: Database) -> None:
        with database.write() as db:
            first = an_org(db)
            orgs.delete_org(db, first)
            assert an_org(db) != first


class TestListingOrganizations:
    def test_shows_them_by_name_byte_by_byte(self, database: Database) -> None:
        named(database, "b", "Z", "ä", "a-b", "aB", "ab")
        assert names_of(database) == ["Z", "a-b", "aB", "ab", "b", "ä"]
        assert names_of(database, offset=4) == ["b", "ä"]

    @pytest.mark.parametrize(
        ("prefix", "found"),
        [
            ("STRA", ["STRASSE", "straße"]),
            ("strass", ["STRASSE", "straße"]),
            ("asse", []),
            ("%", []),
            ("s_r", []),
        ],
    )
    def test_finds_what_begins_with_a_text_in_any_case(
        self, database: Database, prefix: str, found: list[str]
    ) -> None:
        named(database, "straße", "STRASSE", "Other")
        assert names_of(database, prefix=prefix) == found

    def test_finds_an_exact_name(self, database: Database) -> None:
        named(database, "Blue", "blue")
        assert names_of(database, name="blue") == ["blue"]
        assert names_of(database, name="blue\0") == []
