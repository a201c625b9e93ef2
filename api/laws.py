"""Which rights a request runs under: from the rule packs, by where the person lives; frozen when it is opened."""

from datetime import date

from disclosures.packs.applicability import Whereabouts, applicable
from disclosures.packs.documents import Pack, Right
from disclosures.packs.loading import PackSet
from explanations.requests.deadlines import Law

_ADVERSE = "adverse_outcome"


def rights_at(
    packs: PackSet, place: str | None, sectors: frozenset[str] | None, on: date, *, proactive: bool = False
) -> tuple[Law, ...]:
    """Return the rights in force for a residence; where no law gives one, those of the strictest default.

    ``proactive`` ones are owed without being asked for; for those there is no default.
    """
    found = [
        one for one in applicable(packs, Whereabouts(residence=place, sectors=sectors)) if not one.disclosures_only
    ]
    laws = _laws(packs, [one.pack for one in found], on, proactive=proactive)
    if laws or proactive:
        return laws
    strictest = applicable(packs, Whereabouts(sectors=sectors))
    return _laws(packs, [one.pack for one in strictest if not one.disclosures_only], on, proactive=False)


def notices_at(packs: PackSet, places: tuple[str, ...], sectors: frozenset[str] | None, on: date) -> tuple[Law, ...]:
    """Return what the laws of places want explained unasked after an adverse decision, each once."""
    found: dict[str, Law] = {}
    for place in places:
        for law in rights_at(packs, place, sectors, on, proactive=True):
            found[law.right] = law
        for applied in applicable(packs, Whereabouts(residence=place, sectors=sectors)):
            for rule in applied.pack.disclosures:
                if rule.trigger == _ADVERSE and rule.clock is not None and rule.in_force(on):
                    clock = packs.clocks[rule.clock].model_dump(mode="json")
                    digest = packs.digests.get(applied.pack.id, "")
                    found[rule.id] = Law(applied.pack.id, digest, rule.id, rule.cite, clock)
    return tuple(found.values())


def _laws(packs: PackSet, chosen: list[Pack], on: date, *, proactive: bool) -> tuple[Law, ...]:
    return tuple(
        _frozen(packs, pack, right)
        for pack in chosen
        for right in pack.rights
        if right.clock is not None and right.proactive == proactive and right.in_force(on)
    )


def _frozen(packs: PackSet, pack: Pack, right: Right) -> Law:
    clock = packs.clocks[right.clock or ""].model_dump(mode="json")
    ack = None if right.ack is None else packs.clocks[right.ack].model_dump(mode="json")
    digest = packs.digests.get(pack.id, "")
    aggregate = right.aggregate_if is not None
    return Law(pack.id, digest, right.id, right.cite, clock, ack, right.verify, right.content, aggregate)
