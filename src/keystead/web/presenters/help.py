"""The topics of the help pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from keystead.core.credentials.lifetime import LifetimeLimit
from keystead.core.credentials.time_to_live import worded_maximum
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.parts import example_request
from keystead.web.views.frame import Link
from keystead.web.views.help import HelpIndexPage, HelpTopicPage


@dataclass(frozen=True, slots=True)
class Topic:
    title: str
    body: str  # its template


TOPICS: Mapping[str, Topic] = {
    "api-keys": Topic("API keys", "help/api_keys.html"),
    "service-accounts": Topic("Service accounts", "help/service_accounts.html"),
    "migrate": Topic("Migrate", "help/migrate.html"),
    "roles": Topic("Roles and permissions", "help/roles.html"),
    "time-to-live": Topic("Time to live", "help/time_to_live.html"),
    "keyboard": Topic("Keyboard", "help/keyboard.html"),
}


def help_index(viewer: Viewer, version: str) -> HelpIndexPage:
    return HelpIndexPage(
        document=document_of(viewer, Place.HELP),
        frame=frame_of(viewer, Place.HELP),
        topics=tuple(Link(topic.title, viewer.links.help_topic(word)) for word, topic in TOPICS.items()),
        version=version,
    )


def help_topic(viewer: Viewer, topic: Topic, limit: LifetimeLimit, version: str) -> HelpTopicPage:
    return HelpTopicPage(
        document=document_of(viewer, topic.title, Place.HELP),
        frame=frame_of(viewer, Place.HELP),
        title=topic.title,
        body=topic.body,
        index_url=viewer.links.help(),
        api_keys_url=viewer.links.api_keys() if viewer.reads_api_keys else "",
        migration_url=viewer.links.migration() if viewer.opens_migration else "",
        api_url=f"{viewer.links.root_url}/api",
        version=version,
        longest_life="" if limit.is_unlimited else worded_maximum(limit.maximum_s),
        example=example_request(viewer.links, "<key>"),
        token_example=example_request(viewer.links, "<token>"),
    )
