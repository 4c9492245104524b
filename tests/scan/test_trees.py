"""Three sample trees in all languages, with traps: nothing is missed, and nothing else is found."""

from pathlib import Path

import pytest

from keystead.cli.scan_files import files_below
from keystead.cli.scan_workers import scanned
from tests.scan.trees import NAMES, lay


@pytest.mark.parametrize("name", NAMES)
def test_all_is_found_and_nothing_else(name: str, tmp_path: Path) -> None:
    wanted = lay(name, tmp_path)
    batches = scanned(files_below(tmp_path), wants_all=True, most_bytes=10**6)
    found = {(one.shown, each.line, each.rule) for batch in batches for one in batch for each in one.findings}
    assert sorted(wanted - found) == []
    assert sorted(found - wanted) == []
