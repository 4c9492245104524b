import pytest

from keystead.http.path import PathMalformed, members_of


@pytest.mark.parametrize(
    ("raw", "members"),
    [
        (b"/api/org", ("api", "org")),
        (b"/api/org/", ("api", "org")),
        (b"/", ()),
        (b"/api/a%2Fb", ("api", "a/b")),
        (b"/api/%2525", ("api", "%25")),
        (b"/api/%C3%B8", ("api", "\u00f8")),
        (b"/api/+", ("api", "+")),
    ],
)
def test_members_are_split_first_and_decoded_once(raw: bytes, members: tuple[str, ...]) -> None:
    assert members_of(raw) == members


@pytest.mark.parametrize(
    "raw",
    [b"/api//org", b"//api", b"/api/org//", b"/api/../org", b"/api/.", b"/api/%2e%2e", b"/a%00", b"/%ff"],
)
def test_what_no_route_means_has_no_members(raw: bytes) -> None:
    assert members_of(raw) is None


@pytest.mark.parametrize("raw", [b"/api/%", b"/api/%4", b"/api/%zz"])
def test_a_bad_escape_is_told(raw: bytes) -> None:
    with pytest.raises(PathMalformed):
        members_of(raw)
