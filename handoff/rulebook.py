"""Queues as they are written: every version of a queue's rules is an entry of the ledger."""

from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from core.principal import Principal
from handoff import queues, store
from handoff.errors import QueueChangedError, QueueNotFoundError
from handoff.queues import DEFAULT_QUEUE, QueueRules, rules_of
from ledger import service as ledger
from ledger.entries import Entry


async def every(tx: Reader, tenant: str) -> list[QueueRules]:
    """Return every queue; the default one is there even if nobody has written it."""
    found = [rules_of(canonical.loads(text), version) for _, text, version in await store.queues(tx, tenant)]
    return found if any(one.key == DEFAULT_QUEUE for one in found) else [QueueRules(), *found]


async def one(tx: Reader, tenant: str, key: str) -> QueueRules:
    """Return a queue's rules. Raises ``QueueNotFoundError``."""
    found = await store.queue(tx, tenant, key)
    if found is None and key != DEFAULT_QUEUE:
        raise QueueNotFoundError
    return QueueRules() if found is None else rules_of(canonical.loads(found[0]), found[1])


async def write(tx: Tx, by: Principal, rules: QueueRules, now: int, over: int | None = None) -> QueueRules:
    """Write the rules of a queue, over the very version that was read if ``over`` names one (0: never written).

    Raises ``InvalidError``: a queue that never opens would be a dead end; ``QueueChangedError``.
    """
    if wrong := queues.faults(rules):
        raise InvalidError(fields=tuple(FieldError(pointer, said) for pointer, said in wrong))
    known = await store.queue(tx, by.tenant, rules.key)
    version = 1 if known is None else known[1] + 1
    if over is not None and version != over + 1:
        raise QueueChangedError
    text = canonical.dumps(rules.document()).decode()
    store.put_queue(tx, by.tenant, rules.key, text, version, now)
    public = {"queue": rules.key, "version": version, "rules": canonical.loads(text), "by": by.id}
    ledger.append(tx, Entry("queue.changed", by.tenant, now, public))
    return rules_of(rules.document(), version)
