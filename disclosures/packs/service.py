"""The verbs on rule packs: override a rule for a tenant, revoke that, and tell what is in force (RUL-04).

Asking for more than the law is anybody's who may write here. Asking for less takes a data protection officer, a
reason and an end, and stands in the ledger like everything with legal effect.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from core import canonical
from core.clock import DAY
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal, Role
from disclosures.packs import store
from disclosures.packs.documents import Disclosure, Pack
from disclosures.packs.errors import (
    InvalidOverrideError,
    InvalidQuestionError,
    LooseningRefusedError,
    OverrideEndedError,
    OverrideNotFoundError,
    PackNotFoundError,
)
from disclosures.packs.loading import PackSet
from disclosures.packs.overrides import Change, Direction, Override, direction
from disclosures.tables import RuleOverride
from ledger import service as ledger
from ledger.entries import Entry

LONGEST_LOOSENING: Final = 366 * DAY


class Asked(NamedTuple):
    """An override as somebody asks for it; ``expires_at`` is an instant in microseconds."""

    pack: str
    rule: str
    change: Change
    reason: str
    expires_at: int | None


def pack(packs: PackSet, pack_id: str) -> Pack:
    """Return a pack. Raises ``PackNotFoundError``."""
    found = packs.packs.get(pack_id)
    if found is None:
        raise PackNotFoundError
    return found


def check_words(packs: PackSet, facts: list[str], sectors: list[str] | None, contract: str | None) -> None:
    """Refuse words that no pack knows: a mistyped fact must not pass for an absent one.

    Raises ``InvalidQuestionError``.
    """
    faults = [
        FieldError(f"/{name}/{index}", f"no pack knows this word; known are: {', '.join(sorted(known))}")
        for name, given, known in (
            ("facts", facts, packs.facts()),
            ("sectors", sectors or [], packs.sectors()),
        )
        for index, word in enumerate(given)
        if word not in known
    ]
    if contract is not None and contract not in packs.contracts():
        faults.append(FieldError("/contract", f"is none of {', '.join(sorted(packs.contracts()))}"))
    if faults:
        raise InvalidQuestionError(fields=tuple(faults))


def _disclosure(packs: PackSet, asked: Asked) -> Disclosure:
    rules = {rule.id: rule for rule in pack(packs, asked.pack).rules}
    found = rules.get(asked.rule)
    if found is None:
        raise InvalidOverrideError(fields=(FieldError("/rule", "there is no such rule in this pack"),))
    if not isinstance(found, Disclosure):
        raise InvalidOverrideError(fields=(FieldError("/rule", "only rules about disclosures can be overridden"),))
    return found


def _check(asked: Asked, towards: Direction, at: int) -> None:
    faults: list[FieldError] = []
    if towards is Direction.NOTHING:
        faults.append(FieldError("/change", "the rule says this already"))
    if not asked.reason.strip():
        faults.append(FieldError("/reason", "say why"))
    if asked.expires_at is not None and asked.expires_at <= at:
        faults.append(FieldError("/expires_at", "has passed"))
    if towards is Direction.LOOSER and asked.expires_at is None:
        faults.append(FieldError("/expires_at", "what asks for less than the rule needs an end"))
    if towards is Direction.LOOSER and asked.expires_at is not None and asked.expires_at > at + LONGEST_LOOSENING:
        faults.append(FieldError("/expires_at", "lies more than a year ahead: sign it off again then"))
    if faults:
        raise InvalidOverrideError(fields=tuple(faults))


def _record(tx: Tx, by: Principal, kind: str, made: RuleOverride, at: int) -> None:
    public = {
        "by": by.id,
        "by_role": by.role.value,
        "override": made.id,
        "pack": made.pack,
        "rule": made.rule,
        "direction": made.direction,
        "sha256": digest(made),
    }
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))


def digest(made: RuleOverride) -> str:
    """Return the digest of everything an override says, its reason too."""
    said = {"change": canonical.loads(made.document), "reason": made.reason, "expires_at": made.expires_at}
    return sha256(canonical.dumps(said)).hexdigest()


async def override(tx: Tx, by: Principal, packs: PackSet, override_id: str, asked: Asked, at: int) -> RuleOverride:
    """Change a rule for the caller's tenant from ``at`` on.

    Raises ``PackNotFoundError``, ``InvalidOverrideError``, ``LooseningRefusedError``.
    """
    towards = direction(_disclosure(packs, asked), asked.change)
    if towards is Direction.LOOSER and by.role is not Role.DPO:
        raise LooseningRefusedError
    _check(asked, towards, at)
    made = RuleOverride(
        tenant=by.tenant,
        id=override_id,
        pack=asked.pack,
        rule=asked.rule,
        document=asked.change.canonical().decode(),
        direction=towards.value,
        reason=asked.reason,
        created_by=by.id,
        signed_off_by=by.id if towards is Direction.LOOSER else None,
        created_at=at,
        expires_at=asked.expires_at,
    )
    store.add_override(tx, made)
    _record(tx, by, "rule.overridden", made, at)
    return made


async def revoke(tx: Tx, by: Principal, pack_id: str, override_id: str, at: int) -> None:
    """End an override at once. Raises ``OverrideNotFoundError``, ``OverrideEndedError``."""
    found = await store.override(tx, by.tenant, override_id)
    if found is None or found.pack != pack_id:
        raise OverrideNotFoundError
    if found.revoked_at is not None or not await store.revoke(tx, by.tenant, override_id, by.id, at):
        raise OverrideEndedError
    _record(tx, by, "override.revoked", found, at)


async def overrides_of(tx: Reader, tenant: str, pack_id: str) -> list[RuleOverride]:
    """Return every override a tenant ever made of a pack's rules, oldest first."""
    return await store.overrides_of(tx, tenant, pack_id)


async def in_force(tx: Reader, tenant: str, at: int) -> tuple[Override, ...]:
    """Return a tenant's overrides as they apply at an instant (microseconds): an expired one does not."""
    return tuple(
        Override(
            id=row.id,
            rule=row.rule,
            change=change_of(row),
            loosening=row.direction == Direction.LOOSER and row.signed_off_by is not None,
        )
        for row in await store.overrides_at(tx, tenant, at)
    )


def change_of(row: RuleOverride) -> Change:
    """Return what an override changes."""
    return Change.model_validate_json(row.document)
