"""What has changed in a site's use of AI, from the immutable versions of touchpoints and notices."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.database import Reader
from disclosures.notices import standing
from disclosures.notices import store as notices
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.documents import IN_USE
from disclosures.touchpoints.store import VersionRow

_MOST = 200


class Change(NamedTuple):
    """One change: when, what happened (``begun``, ``stopped``, ``changed``, ``told``), to what, in which language."""

    at: int
    what: str
    name: str
    language: str
    version: int | None = None


async def at_site(tx: Reader, tenant: str, slug: str, language: str) -> list[Change]:
    """Return the latest changes that visitors of a site could notice, newest first."""
    found: list[Change] = []
    here: set[str] = set()
    for view in await touchpoints.of_tenant(tx, tenant):
        if view.document.sites and slug not in view.document.sites:
            continue
        here.add(view.touchpoint.key)
        rows = await touchpoints.versions(tx, tenant, view.touchpoint.key)
        found += _of_touchpoint(list(reversed(rows)))
    for row in await notices.recent(tx, tenant, _MOST):
        document = standing.document_of(row.document)
        if document.touchpoints and here.isdisjoint(document.touchpoints):
            continue
        spoken = document.nearest(language)
        found.append(Change(row.published_at, "told", document.texts[spoken].title, spoken, row.version))
    return sorted(found, key=lambda one: one.at, reverse=True)[:_MOST]


def _of_touchpoint(rows: Sequence[VersionRow]) -> Iterator[Change]:
    """Yield what visitors could notice of the versions of one touchpoint, oldest first."""
    met = False
    before: VersionRow | None = None
    for row in rows:
        name = touchpoints.document_of(row.document).name
        now = row.state in IN_USE
        if now != met:
            yield Change(row.recorded_at, "begun" if now else "stopped", name, "")
        elif now and before is not None and row.sha256 != before.sha256:
            yield Change(row.recorded_at, "changed", name, "")
        met, before = now, row
