"""What may be opened from every page, by permission: the same table that guards the pages themselves."""

from typing import NamedTuple

from api.console.desk import HOME, Desk


class Link(NamedTuple):
    """One line of the navigation."""

    title: str
    path: str
    permission: str


NAVIGATION: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "Today",
        (
            Link("Overview", f"{HOME}/overview", "figures.read"),
            Link("Conversations", f"{HOME}/conversations", "handoffs.serve"),
        ),
    ),
    (
        "People",
        (
            Link("Find a person", f"{HOME}/people", "subjects.read"),
            Link("Consent records", f"{HOME}/records", "choices.list"),
            Link("Opt-outs", f"{HOME}/opt-outs", "choices.list"),
            Link("Approvals", f"{HOME}/approvals", "subjects.erase"),
        ),
    ),
    (
        "Evidence",
        (
            Link("Decisions", f"{HOME}/decisions", "decisions.list"),
            Link("Audit log", f"{HOME}/audit", "ledger.read"),
        ),
    ),
    (
        "Rules",
        (
            Link("Purposes", f"{HOME}/purposes", "purposes.read"),
            Link("AI systems", f"{HOME}/systems", "systems.read"),
            Link("Rule packs", f"{HOME}/packs", "packs.read"),
        ),
    ),
    (
        "Running",
        (
            Link("Sites", f"{HOME}/sites", "sites.read"),
            Link("API keys", f"{HOME}/keys", "keys.read"),
            Link("People and roles", f"{HOME}/staff", "staff.read"),
            Link("Jobs", f"{HOME}/jobs", "jobs.read"),
            Link("Health", f"{HOME}/health", "jobs.read"),
        ),
    ),
)


def navigation(desk: Desk) -> list[tuple[str, list[Link]]]:
    """Return the groups of links that the caller may follow."""
    if desk.session is None:
        return []
    groups = ((name, [link for link in links if desk.may(link.permission)]) for name, links in NAVIGATION)
    return [(name, links) for name, links in groups if links]
