"""Any bytes are read, and a path is found however it is cut."""

import re

from hypothesis import given
from hypothesis import strategies as st

from keystead.core.scan.scan import scan

ENDINGS = (
    *(
        "py",
        "go",
        "js",
        "ts",
        "tsx",
        "java",
        "rb",
        "sh",
        "yml",
        "json",
        "tf",
        "md",
        "txt",
        "env",
        "html",
        "kt",
    ),
)
PATH = "/api/auth/keys"
WORDS = (
    *(
        b"/api/auth/keys",
        b"grafana_api_key",
        b"auth",
        b"keys",
        b"api",
        b"\n",
        b" ",
        b'"',
        b"'",
        b"`",
        b"${",
        b"}",
    ),
    *(
        b"(",
        b")",
        b"[",
        b"]",
        b"+",
        b"=",
        b",",
        b"#",
        b"//",
        b"\\",
        b"\x00",
        b"\xff",
        b".join",
        b".",
        b"%s",
        b"{0}",
    ),
    *(
        b"resource ",
        b"import grafana ",
        b"a",
        b"A",
        b"<<E\n",
        b"- ",
        b": ",
        b"{{",
        b"}}",
        b"|",
        b"$",
        b"path",
        b"f",
    ),
)
texts = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=40).map(b"".join))
cuts = st.lists(st.integers(1, len(PATH) - 1), max_size=4, unique=True).map(sorted)
SUMS = {
    "py": ("host + {}", " + "),
    "go": ("package m\nvar u = host + {}", " + "),
    "js": ("fetch(host + {})", " + "),
    "ts": ("const u: string = host + {};", " + "),
    "java": ("class A {{ String u = host + {}; }}", " + "),
    "rb": ("u = host + {}", " + "),
    "sh": ("curl $HOST{}", ""),
    "tf": ('u = join("", [{}])', ", "),
}


@given(st.sampled_from(ENDINGS), texts, st.booleans())
def test_any_bytes_are_read(ending: str, content: bytes, wants_all: bool) -> None:  # noqa: FBT001 - drawn
    hint = b" /api/auth/keys"  # so that the file is worth parsing
    lines = len(re.findall(rb"\r\n?|\n", content)) + 1
    found = scan(f"file.{ending}", content + hint, wants_all=wants_all)
    assert all(1 <= one.line <= lines for one in found)


@given(st.sampled_from(sorted(SUMS)), cuts)
def test_a_path_is_found_however_it_is_cut(ending: str, at: list[int]) -> None:
    parts = [PATH[start:end] for start, end in zip([0, *at], [*at, len(PATH)], strict=True)]
    line, plus = SUMS[ending]
    source = line.format(plus.join(f'"{part}"' for part in parts))
    assert [one.rule for one in scan(f"file.{ending}", source.encode())] == ["auth-keys"]


@given(st.sampled_from(sorted(SUMS)), cuts)
def test_a_look_alike_is_not(ending: str, at: list[int]) -> None:
    parts = [PATH[start:end] for start, end in zip([0, *at], [*at, len(PATH)], strict=True)]
    line, plus = SUMS[ending]
    source = line.format(plus.join(f'"{part}"' for part in [*parts, "tore"]))
    assert scan(f"file.{ending}", source.encode()) == []
