"""What another version of a rule pack would change: rules, and the touchpoints and notices they concern (RUL-03); pure.

Only what differs counts: a touchpoint is affected by the rules it sets off that are added, removed or changed; a notice
by those about its topic, and what keeps it from the new version is said beside what already kept it from the old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from disclosures.notices import reach
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.lint import Finding
from disclosures.packs import differences
from disclosures.packs.differences import Affected
from disclosures.packs.documents import Pack
from disclosures.packs.loading import PackSet
from disclosures.touchpoints.documents import TouchpointDocument


class TouchpointAffected(NamedTuple):
    """A touchpoint, the changed rules it sets off in either version, and the topics nobody is told of under the new."""

    key: str
    rules: tuple[str, ...]
    untold: tuple[str, ...]


class NoticeAffected(NamedTuple):
    """A published notice about the topic of a changed rule, and what would keep it from the new version."""

    key: str
    wrong: tuple[Finding, ...]
    newly: bool  # whether anything of that did not stand in its way before


class Impact(NamedTuple):
    """What differs between two versions of a pack, and what that concerns."""

    rules: list[Affected]
    touchpoints: list[TouchpointAffected]
    notices: list[NoticeAffected]


def of_change(
    before: Pack | None,
    after: Pack,
    packs: PackSet,
    registered: Mapping[str, TouchpointDocument],
    published: Sequence[NoticeDocument],
) -> Impact:
    """Return what another version of a pack changes; ``packs`` holds ``after`` already, ``before`` may be nothing."""
    old = before if before is not None else after.model_copy(update=dict.fromkeys(_LISTS, ()))
    rules = differences.affected(old, after)
    changed = {one.rule for one in rules}
    old_set = replace(packs, packs={**packs.packs, after.id: old})
    was = {one.key: one for one in reach.touchpoints(old, old_set, registered, published)}
    now = {one.key: one for one in reach.touchpoints(after, packs, registered, published)}
    topics = _topics(old, packs, changed) | _topics(after, packs, changed)
    touchpoints = []
    for key in sorted(was.keys() | now.keys()):
        named = [rule for found in (was, now) if key in found for rule in found[key].rules if rule in changed]
        if named:
            untold = tuple(topic for topic in now[key].untold if topic in topics) if key in now else ()
            touchpoints.append(TouchpointAffected(key, tuple(dict.fromkeys(named)), untold))
    about = [document for document in published if document.kind in topics]
    stood = {one.key: set(one.wrong) for one in reach.notices(old, old_set, registered, about)}
    held = {one.key: one.wrong for one in reach.notices(after, packs, registered, about)}
    notices = [
        NoticeAffected(key, held.get(key, ()), newly=bool(set(held.get(key, ())) - stood.get(key, set())))
        for key in sorted(stood.keys() | held.keys())
    ]
    return Impact(rules, touchpoints, notices)


_LISTS = ("disclosures", "purposes", "rights", "duties")


def _topics(pack: Pack, packs: PackSet, changed: set[str]) -> set[str]:
    triggers = packs.vocabulary.triggers
    return {triggers[rule.trigger].topic for rule in pack.disclosures if rule.id in changed}
