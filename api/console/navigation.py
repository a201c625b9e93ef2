"""What may be opened from every page, by permission: the same table that guards the pages themselves.

A group is a sort of work, so that each role sees a few short groups of its own. A page goes where somebody would look
for it, under the name it has in conversation; a group holds seven at the most.
"""

from typing import NamedTuple

from api.console.desk import HOME, Desk


class Link(NamedTuple):
    """One line of the navigation."""

    title: str
    path: str
    permission: str


NAVIGATION: tuple[tuple[str, tuple[Link, ...]], ...] = (
    (
        "Work",
        (
            Link("Overview", f"{HOME}/overview", "figures.read"),
            Link("My work", f"{HOME}/mine", "requests.work"),
            Link("Explanation requests", f"{HOME}/requests", "requests.list"),
            Link("Requests and deadlines", f"{HOME}/deadlines", "requests.figures"),
            Link("Conversations", f"{HOME}/conversations", "handoffs.serve"),
            Link("Replies at hand", f"{HOME}/replies", "handoffs.serve"),
            Link("Approvals", f"{HOME}/approvals", "subjects.erase"),
        ),
    ),
    (
        "People",
        (
            Link("Find a person", f"{HOME}/people", "subjects.read"),
            Link("Consent records", f"{HOME}/records", "choices.list"),
            Link("Opt-outs", f"{HOME}/opt-outs", "choices.list"),
            Link("Who was told", f"{HOME}/propagation", "propagation.list"),
        ),
    ),
    (
        "AI",
        (
            Link("AI systems", f"{HOME}/systems", "systems.read"),
            Link("Where AI is met", f"{HOME}/touchpoints", "touchpoints.read"),
            Link("Models", f"{HOME}/models", "models.read"),
            Link("Decisions", f"{HOME}/decisions", "decisions.list"),
            Link("Answers library", f"{HOME}/answers", "reasons.read"),
            Link("Faults and ideas", f"{HOME}/concerns", "concerns.read"),
        ),
    ),
    (
        "Rules",
        (
            Link("Purposes", f"{HOME}/purposes", "purposes.read"),
            Link("Notices", f"{HOME}/notices", "notices.read"),
            Link("Experiments", f"{HOME}/experiments", "experiments.read"),
            Link("Claims", f"{HOME}/claims", "claims.read"),
            Link("Vendor changes", f"{HOME}/vendor-changes", "disclosure-reviews.read"),
            Link("Rule packs", f"{HOME}/packs", "packs.read"),
        ),
    ),
    (
        "Evidence",
        (
            Link("What people were told", f"{HOME}/told", "figures.read"),
            Link("Handing over", f"{HOME}/handing-over", "handoffs.figures"),
            Link("Audit log", f"{HOME}/audit", "ledger.read"),
            Link("Reports", f"{HOME}/reports", "figures.read"),
            Link("Training of staff", f"{HOME}/training", "training.read"),
            Link("Retention", f"{HOME}/retention", "retention.read"),
        ),
    ),
    (
        "Set-up",
        (
            Link("Sites", f"{HOME}/sites", "sites.read"),
            Link("Languages", f"{HOME}/languages", "sites.read"),
            Link("Queues", f"{HOME}/queues", "handoffs.figures"),
            Link("Help desks", f"{HOME}/desks", "desks.read"),
            Link("Recipients", f"{HOME}/recipients", "recipients.read"),
            Link("API keys", f"{HOME}/keys", "keys.read"),
            Link("People and roles", f"{HOME}/staff", "staff.read"),
        ),
    ),
    (
        "Running",
        (
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
