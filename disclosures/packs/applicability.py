"""Which packs apply to somebody: by residence, location and establishment, sector and contract (RUL-02).

The answer is a union: a pack that one of the three places calls for applies. What is not known counts against the
company: an unknown state means every state's pack, an unknown sector meets every sector's condition, an unknown
residence or a place without any pack calls for the strictest default.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from disclosures.packs.documents import Pack
from disclosures.packs.loading import PackSet


class Reason(NamedTuple):
    """Why a pack applies: a stable code and what it is about (a place, a pack)."""

    code: str
    about: str


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of the person's and the company's legal surroundings; ``None`` is unknown."""

    residence: str | None = None
    location: str | None = None
    establishment: str | None = None
    sectors: frozenset[str] | None = None
    contract: str | None = None

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Return what each known place is to the person or company, and the place."""
        named = (
            ("residence", self.residence),
            ("location", self.location),
            ("establishment", self.establishment),
        )
        return tuple((role, place) for role, place in named if place is not None)


@dataclass(slots=True)
class Applied:
    """A pack that applies, why, and whether only its disclosures do."""

    pack: Pack
    reasons: list[Reason] = field(default_factory=list)
    disclosures_only: bool = False


def _conditions(pack: Pack, where: Whereabouts) -> list[Reason] | None:
    """Return what had to be assumed for a pack's conditions, or nothing if they are not met."""
    assumed: list[Reason] = []
    wanted = pack.applies
    if wanted.sectors:
        if where.sectors is None:
            assumed.append(Reason("sector-unknown", ", ".join(wanted.sectors)))
        elif where.sectors.isdisjoint(wanted.sectors):
            return None
    if wanted.contracts:
        if where.contract is None:
            assumed.append(Reason("contract-unknown", ", ".join(wanted.contracts)))
        elif where.contract not in wanted.contracts:
            return None
    return assumed


def _by_place(pack: Pack, role: str, place: str) -> Reason | None:
    for covered in pack.applies.places:
        if place == covered or place.startswith(covered + "-"):
            return Reason(role, place)
        if covered.startswith(place + "-"):
            return Reason(f"{role}-within", covered)
    return None


def applicable(packs: PackSet, where: Whereabouts) -> list[Applied]:
    """Return every pack that applies with its reasons, sorted by the pack's id."""
    found: dict[str, Applied] = {}
    unmatched = [Reason("residence-unknown", "")] if where.residence is None else []
    for role, place in where.places:
        matched = False
        for pack in packs.packs.values():
            assumed, reason = _conditions(pack, where), _by_place(pack, role, place)
            if assumed is None or reason is None:
                continue
            matched = True
            _note(found, pack, [reason, *assumed])
        if not matched:
            unmatched.append(Reason("no-pack-for-place", place))
    if unmatched:
        default = next(pack for pack in packs.packs.values() if pack.applies.unknown_place)
        _note(found, default, unmatched)
    _inherit(packs, found)
    _unite(packs, found, where)
    return [found[name] for name in sorted(found)]


def _note(found: dict[str, Applied], pack: Pack, reasons: list[Reason]) -> None:
    applied = found.setdefault(pack.id, Applied(pack))
    applied.reasons.extend(reason for reason in reasons if reason not in applied.reasons)


def _inherit(packs: PackSet, found: dict[str, Applied]) -> None:
    waiting = list(found)
    while waiting:
        heir = packs.packs[waiting.pop()]
        for name in heir.inherits:
            if name not in found:
                waiting.append(name)
                _note(found, packs.packs[name], [Reason("inherited-by", heir.id)])


def _unite(packs: PackSet, found: dict[str, Applied], where: Whereabouts) -> None:
    """Add the disclosures of every other pack where the strictest default unites them."""
    uniting = next((applied.pack for applied in found.values() if applied.pack.disclosures_of), None)
    if uniting is None:
        return
    for pack in packs.packs.values():
        assumed = _conditions(pack, where)
        if pack.id not in found and pack.disclosures and assumed is not None:
            found[pack.id] = Applied(pack, [Reason("united-by", uniting.id), *assumed], disclosures_only=True)
