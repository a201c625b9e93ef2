"""What may be opened from every page, by permission: the same table that guards the pages themselves."""

from typing import NamedTuple

from api.console.desk import HOME, Desk


class Link(NamedTuple):
    """One line of the navigation."""

    title: str
    path: str
    permission: str


NAVIGATION: tuple[tuple[str, tuple[Link, ...]], ...] = (
    ("This browser", (Link("Settings", f"{HOME}/settings", "consoles.use"),)),
)


def navigation(desk: Desk) -> list[tuple[str, list[Link]]]:
    """Return the groups of links that the caller may follow."""
    if desk.session is None:
        return []
    groups = ((name, [link for link in links if desk.may(link.permission)]) for name, links in NAVIGATION)
    return [(name, links) for name, links in groups if links]
