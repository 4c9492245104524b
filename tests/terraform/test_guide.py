"""What docs/terraform.md shows is right, and what it quotes is said."""

import re
from pathlib import Path

import pytest

from keystead.core.terraform.hcl import parse
from tests.terraform.cases import CORPUS

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/terraform.md").read_text()
SOURCES = [*ROOT.glob("src/keystead/core/terraform/*.py"), ROOT / "src/keystead/cli/terraform.py"]
SAID = "".join(path.read_text() for path in [*CORPUS.glob("*.case"), *SOURCES])


@pytest.mark.parametrize("block", re.findall(r"```hcl\n(.*?)```", GUIDE, re.DOTALL))
def test_its_configurations_are_understood(block: str) -> None:
    assert not parse(block.encode()).has_error


@pytest.mark.parametrize("quoted", re.findall(r"^\| `([^`|]*)` \| (?!nothing)", GUIDE, re.MULTILINE))
def test_what_it_explains_is_said(quoted: str) -> None:
    assert quoted in SAID
