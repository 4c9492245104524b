"""What the pages of several families are made of."""

from dataclasses import dataclass

from keystead.web.times import Moment


@dataclass(frozen=True, slots=True)
class Badge:
    kind: str  # warn, bad, ok, info, off
    label: str
    at: Moment | None = None  # told behind the label


@dataclass(frozen=True, slots=True)
class Action:
    """A control that may be out of reach; then it stays visible and says why."""

    label: str
    url: str
    reason: str = ""  # "": within reach
    about: str = ""  # what it is about, for whoever does not see where it stands
    name: str = ""  # for whoever does not see it, where label and `about` do not say it


@dataclass(frozen=True, slots=True)
class Deletion:
    """The disclosure that asks once more before a thing is deleted."""

    label: str  # Delete API key ci-deploy
    url: str
    recent_use: str = ""  # "Used 3 minutes ago", within 24 hours
    reason: str = ""  # "": within reach


@dataclass(frozen=True, slots=True)
class LastUse:
    at: Moment | None
    words: str = ""  # instead of a moment: Never, No data
    details: str = ""  # from 10.0.4.7, curl/8.5, GET /api/serviceaccounts/search


@dataclass(frozen=True, slots=True)
class Pager:
    """Addresses; "" where there is nowhere to go."""

    first_url: str
    previous_url: str
    next_url: str
