"""`/help`: short pages that come with the package."""

from keystead.http.needs import SignedIn
from keystead.http.path import RouteUnknown
from keystead.web.presenters.help import TOPICS, help_index, help_topic
from keystead.web.routes import Answered, Pages
from keystead.web.visit import Shown, Visit, viewer_of

pages = Pages()


@pages.page("/help", needs=SignedIn.ABOUT_ONESELF)
def show_topics(visit: Visit) -> Answered:
    """List the topics."""
    return Shown(help_index(viewer_of(visit), visit.deps.site.version))


@pages.page("/help/{topic}", needs=SignedIn.ABOUT_ONESELF)
def show_topic(visit: Visit) -> Answered:
    """Show one topic."""
    topic = TOPICS.get(visit.path["topic"])
    if topic is None:
        raise RouteUnknown
    return Shown(help_topic(viewer_of(visit), topic, visit.deps.keys.limit, visit.deps.site.version))
