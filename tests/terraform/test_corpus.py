import pytest

from keystead.core.terraform.state import state_of
from keystead.core.terraform.state_undo import RevertedKey, reverted
from tests.terraform.cases import CORPUS, Case, modules_of, rewritten, state_after

CASES = [Case.read(path) for path in sorted(CORPUS.glob("*.case"))]
STATES = [case for case in CASES if "state before" in case.sections]
UNDONE = [
    case
    for case in STATES
    if '"0:' not in case.sections["state before"]  # the real organization stays
    and "grafana_service_account" in case.sections["state after"]
]


def crlf(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: source.replace(b"\n", b"\r\n") for path, source in files.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
class TestRewritingAConfiguration:
    def test_gives_the_files_and_remarks_that_the_case_tells(self, case: Case) -> None:
        after, remarks = rewritten(case, case.before)
        read = [file for module in modules_of(case.before) for file in module.files]
        assert all(file.source == case.before[file.path] for file in read)
        assert {path: text.decode() for path, text in after.items()} == {
            path: text.decode() for path, text in case.after.items()
        }
        assert remarks == case.remarks

    def test_once_more_changes_nothing(self, case: Case) -> None:
        assert rewritten(case, case.after)[0] == case.after

    def test_keeps_the_ends_of_lines_of_another_system(self, case: Case) -> None:
        after, remarks = rewritten(case, crlf(case.before))
        assert after == crlf(case.after)
        assert remarks == case.remarks


@pytest.mark.parametrize("case", STATES, ids=lambda case: case.name)
class TestRewritingAState:
    def test_gives_the_state_that_the_case_tells(self, case: Case) -> None:
        assert state_after(case) == case.sections["state after"]


@pytest.mark.parametrize("case", UNDONE, ids=lambda case: case.name)
class TestUndoing:
    def test_gives_the_state_before_that(self, case: Case) -> None:
        before, after = case.sections["state before"], case.sections["state after"]
        keys = {(int(one["org"]), int(one["key"])): one for one in case.tokens}
        again = {ids: RevertedKey(str(one["name"]), str(one["role"])) for ids, one in keys.items()}
        for serial in (4, 7):
            before = before.replace(f'"serial": {serial},', f'"serial": {serial + 2},')
            before = before.replace(f'"serial":{serial},', f'"serial":{serial + 2},')
        assert reverted(state_of(after), again) == before
