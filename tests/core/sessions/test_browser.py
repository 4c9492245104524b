import pytest

from keystead.core.sessions.browser import Browser, browser_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (
            f"{MAC}605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
            Browser("Safari", "17.4", "Mac OS X", "10.15"),
        ),
        (
            f"{MAC}537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            Browser("Chrome", "124.0", "Mac OS X", "10.15"),
        ),
        (
            f"{WINDOWS}Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0",
            Browser("Edge", "124.0", "Windows", "10.0"),
        ),
        (f"{PHONE}Version/17.4 Mobile/15E148 Safari/604.1", Browser("Safari", "17.4", "iOS", "17.4")),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
            Browser("Firefox", "125.0", "Linux", ""),
        ),
        ("curl/8.5.0", Browser("Other", "", "Other", "")),
        ("", Browser("Other", "", "Other", "")),
    ],
    ids=["Safari", "Chrome", "Edge", "a telephone", "Firefox", "a program", "nothing said"],
)
def test_what_a_browser_says_of_itself(agent: str, expected: Browser) -> None:
    assert browser_of(agent) == expected
