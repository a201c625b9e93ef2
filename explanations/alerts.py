"""Telling those who have to act: events that go out by the operator's signed webhook, and nowhere else."""

from collections.abc import Mapping
from typing import Any, Final

from core import queue
from core.database import Tx

WEBHOOK: Final = "request-webhook"


async def send(tx: Tx, event: str, tenant: str, seq: int, public: Mapping[str, Any], now: int) -> None:
    """Queue an event that stands in the ledger under ``seq``, in the transaction that wrote it there; once each."""
    payload = {"event": event, "tenant": tenant, "seq": seq, **public}
    await queue.enqueue(tx, WEBHOOK, payload, now=now, unique_key=f"{event}:{seq}")
