"""View model to HTML: autoescape on, and an unknown name in a template is an error."""

from typing import ClassVar, Protocol

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


class View(Protocol):
    """A page or a fragment; `called` is its one name in the template."""

    template: ClassVar[str]
    called: ClassVar[str]


def make_environment() -> Environment:
    return Environment(
        loader=ChoiceLoader(
            [PackageLoader("keystead.web", "templates"), PackageLoader("keystead.web", "macros")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )


def render(pages: Environment, view: View) -> str:
    return pages.get_template(view.template).render({view.called: view})
