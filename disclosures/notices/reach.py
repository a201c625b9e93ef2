"""Which touchpoints and notices a rule pack concerns: what to look at again when the pack changes; pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from disclosures.notices import lint
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.lint import Finding
from disclosures.packs.documents import Pack
from disclosures.packs.loading import PackSet
from disclosures.touchpoints.documents import TouchpointDocument


class TouchpointConcerned(NamedTuple):
    """A touchpoint that sets rules of the pack off, and the topics of which no notice is published for it."""

    key: str
    rules: tuple[str, ...]
    untold: tuple[str, ...]


class NoticeConcerned(NamedTuple):
    """A notice that has to satisfy the pack, and what keeps it from that."""

    key: str
    wrong: tuple[Finding, ...]


def touchpoints(
    pack: Pack, packs: PackSet, registered: Mapping[str, TouchpointDocument], published: Sequence[NoticeDocument]
) -> list[TouchpointConcerned]:
    """Return the touchpoints that set off rules of a pack, by key."""
    triggers = packs.vocabulary.triggers
    found = []
    for key, one in sorted(registered.items()):
        rules = [
            rule
            for rule in pack.disclosures
            if any(triggers[rule.trigger].met(one.kind, one.all_facts, channel) for channel in one.channels)
        ]
        if not rules:
            continue
        told = {notice.kind for notice in published if key in notice.touchpoints or not notice.touchpoints}
        topics = dict.fromkeys(triggers[rule.trigger].topic for rule in rules)
        untold = tuple(topic for topic in topics if topic not in told)
        found.append(TouchpointConcerned(key, tuple(rule.id for rule in rules), untold))
    return found


def notices(
    pack: Pack, packs: PackSet, registered: Mapping[str, TouchpointDocument], published: Sequence[NoticeDocument]
) -> list[NoticeConcerned]:
    """Return the notices about the topics of a pack that name it or stand at a touchpoint it concerns."""
    concerned = {one.key for one in touchpoints(pack, packs, registered, published)}
    topics = {packs.vocabulary.triggers[rule.trigger].topic for rule in pack.disclosures}
    found = []
    for document in published:
        if document.kind not in topics:
            continue
        if pack.id not in document.packs and concerned.isdisjoint(document.touchpoints):
            continue
        held = document.model_copy(update={"packs": tuple(dict.fromkeys((*document.packs, pack.id)))})
        there = {key: registered.get(key) for key in document.touchpoints}
        found.append(NoticeConcerned(document.key, lint.errors(lint.findings(held, there, packs))))
    return sorted(found)
