import json
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keystead.core.errors import KeysteadError
from keystead.core.installation.errors import (
    FileLoose,
    FileUnusable,
    FolderLoose,
    PublishedSecret,
    SecretsFileMalformed,
    SecretsFileMissing,
)
from keystead.core.installation.keyring import check_value
from keystead.storage.keyring import open_keyring, read_keyring
from keystead.storage.private_files import make_private_folder, write_private

PUBLISHED = "SW2YcwTIb9zpOOhoPsMm"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secrets.json"


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def rewrite(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    content: dict[str, object] = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


class TestTheFirstStart:
    @pytest.mark.usefixtures("umask")
    def test_makes_a_file_for_its_owner_alone_whatever_the_umask(self, path: Path) -> None:
        keyring = open_keyring(path)
        assert [mode_of(path), mode_of(path.parent)] == [0o600, 0o700]
        assert [entry.name for entry in path.parent.iterdir()] == ["secrets.json"]
        keys = {keyring.session_key, keyring.anchor_key, *(pepper.value for pepper in keyring.peppers)}
        assert [len(bytes.fromhex(key.reveal())) for key in keys] == [32, 32, 32]

    def test_makes_one_file_when_several_start_at_once(self, path: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            keyrings = list(pool.map(open_keyring, [path] * 8))
        assert set(keyrings) == {open_keyring(path)}

    def test_makes_other_keys_each_time(self, tmp_path: Path) -> None:
        assert open_keyring(tmp_path / "a" / "x") != open_keyring(tmp_path / "b" / "x")


class TestALaterStart:
    def test_reads_what_the_first_one_made(self, path: Path) -> None:
        assert open_keyring(path) == open_keyring(path) == read_keyring(path)

    def test_makes_nothing_where_a_database_depends_on_a_lost_file(self, path: Path) -> None:
        make_private_folder(path.parent)
        with pytest.raises(SecretsFileMissing):
            read_keyring(path)
        assert list(path.parent.iterdir()) == []

    def test_takes_the_newest_pepper_first(self, path: Path) -> None:
        open_keyring(path)
        rewrite(path, lambda content: content.update(peppers=[pepper(1), pepper(3), pepper(2)]))
        assert [entry.id for entry in read_keyring(path).peppers] == [3, 2, 1]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660], ids=oct)
    def test_refuses_a_file_that_others_can_read(self, path: Path, mode: int) -> None:
        open_keyring(path)
        path.chmod(mode)
        with pytest.raises(FileLoose):
            open_keyring(path)

    def test_refuses_an_open_folder(self, path: Path) -> None:
        open_keyring(path)
        path.parent.chmod(0o755)
        with pytest.raises(FolderLoose):
            open_keyring(path)

    def test_closes_an_open_folder_that_is_still_empty(self, path: Path) -> None:
        path.parent.mkdir(mode=0o755)
        open_keyring(path)
        assert mode_of(path.parent) == 0o700

    @pytest.mark.parametrize(
        "change",
        [
            lambda content: content.pop("anchor_key"),
            lambda content: content.update(session_key="00"),
            lambda content: content.update(session_key="Z" * 64),
            lambda content: content.update(peppers=[]),
            lambda content: content.update(peppers=[pepper(1), pepper(1)]),
            lambda content: content.update(pepper="x"),
        ],
        ids=["no anchor key", "short", "not hex", "no pepper", "one id twice", "unknown member"],
    )
    def test_refuses_a_damaged_file_without_repeating_it(
        self, path: Path, change: Callable[[dict[str, object]], object]
    ) -> None:
        keyring = open_keyring(path)
        rewrite(path, change)
        with pytest.raises(SecretsFileMalformed) as stop:
            open_keyring(path)
        assert keyring.session_key.reveal() not in str(stop.value)

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"], ids=repr)
    def test_refuses_what_is_no_such_file_and_leaves_it_alone(self, path: Path, content: bytes) -> None:
        make_private_folder(path.parent)
        write_private(path, content)
        with pytest.raises(SecretsFileMalformed):
            open_keyring(path)
        assert path.read_bytes() == content

    @pytest.mark.parametrize("name", ["session_key", "anchor_key"])
    def test_refuses_the_key_that_grafana_publishes(self, path: Path, name: str) -> None:
        open_keyring(path)
        rewrite(path, lambda content: content.update({name: PUBLISHED}))
        with pytest.raises(PublishedSecret):
            open_keyring(path)

    def test_says_so_when_the_folder_cannot_be_used(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("a file")
        with pytest.raises(FileUnusable):
            open_keyring(tmp_path / "data" / "secrets.json")


class TestTheCheckValue:
    def test_is_the_same_for_the_same_keyring_and_tells_no_key(self, path: Path) -> None:
        keyring = open_keyring(path)
        assert check_value(keyring) == check_value(read_keyring(path))
        assert len(check_value(keyring)) == 32
        assert check_value(keyring).hex() not in path.read_text()

    def test_differs_when_any_key_differs(self, path: Path, tmp_path: Path) -> None:
        original = check_value(open_keyring(path))
        for name in ("session_key", "anchor_key", "peppers"):
            other = tmp_path / name / "secrets.json"
            open_keyring(other)
            rewrite(other, keep_all_but(name, json.loads(path.read_text())))
            assert check_value(read_keyring(other)) != original


class TestWritingAPrivateFile:
    def test_leaves_the_old_file_and_no_draft_when_it_fails(self, tmp_path: Path) -> None:
        folder = tmp_path / "target"
        folder.mkdir()
        (folder / "child").touch()
        with pytest.raises(KeysteadError):
            write_private(folder, b"new")  # a folder stands where the file should go
        assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def pepper(id_: int) -> dict[str, object]:
    return {"id": id_, "key": f"{id_:064x}"}


def keep_all_but(name: str, original: dict[str, object]) -> Callable[[dict[str, object]], object]:
    return lambda content: content.update({key: value for key, value in original.items() if key != name})
