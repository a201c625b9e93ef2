"""HOT PATH, budget 20 us a choice and 50 a receipt. How choices become rows: events, states, ledger entries, receipt.

The event and its ledger entry say the same; what is personal is sealed in the event under the subject's key and enters
the entry only as a commitment, so both die with the key (GDPR Art. 17) and the ledger still verifies.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from consent import receipts, signals, store
from consent.asked import Asked, Circumstances, Step
from consent.durations import Duration, after
from consent.lifecycle import CLOSES_THE_MATTER, RESTRICTIVE, YES
from consent.notary import Notary
from consent.purposes.published import Published
from consent.receipts import Chosen, Signed
from consent.store import Happened, Present
from core import canonical, crypto, ids, subjects
from core.clock import DAY
from core.database import Tx
from ledger import service as ledger
from ledger.entries import Entry

_A_YEAR = Duration(12, 0)
Places = Mapping[tuple[str, str], Present]


class Recorded(NamedTuple):
    """What a request recorded: its events, its receipt, and the person's rows as they are now."""

    chosen: tuple[Chosen, ...]
    receipt: Signed | None
    rows: Places
    honoured: tuple[str, ...]
    now: int


async def record(
    tx: Tx,
    notary: Notary,
    how: Circumstances,
    steps: Sequence[Step],
    rows: Places,
    signalled: Sequence[Published],
    now: int,
) -> Recorded:
    """Write the events, the current rows and the receipt of one request."""
    if not steps:
        return Recorded((), None, rows, tuple(signals.honoured(signalled, rows)), now)
    dek = await subjects.ensure(tx, notary.keyring, how.tenant, how.subject, now)
    receipt_id = ids.new("rcp", now)
    chosen = [append_event(tx, how, step, dek, receipt_id, now) for step in steps]
    receipt = receipts.issue(notary, receipt_id, how.tenant, how.subject.public_id, chosen, now)
    supersedes = canonical.dumps(list(receipt.supersedes)).decode()
    seqs = (receipt.first_seq, receipt.last_seq)
    person = (how.tenant, how.subject.pseudonym)
    tx.insert(store.INSERT_RECEIPT, (receipt_id, *person, receipt.kind, *seqs, supersedes, now, receipt.jws))
    changed = write_rows(tx, notary, how, chosen, rows)
    return Recorded(tuple(chosen), receipt, changed, tuple(signals.honoured(signalled, changed)), now)


def _personal(how: Circumstances, asked: Asked) -> dict[str, Any] | None:
    """Return what is personal about an act: it is sealed in the event, and only committed to in the ledger."""
    personal: dict[str, Any] = {}
    if asked.reason is not None:
        personal["reason"] = asked.reason
    if how.evidence:
        personal["evidence"] = list(how.evidence)
    if how.note is not None:
        personal["note"] = how.note
    return personal or None


def sealed_place(tenant: str, subject: bytes, choice: str) -> str:
    """Return the place the personal part of an event is bound to."""
    return f"{tenant}|{subject.hex()}|choice_event|sealed|{choice}"


def public_of(event: Happened) -> dict[str, Any]:
    """Return what an event's ledger entry says in public: every fact of the row but the person and the sealed part."""
    return {
        "choice": event.id,
        "purpose": event.purpose,
        "purpose_version": event.purpose_version,
        "system": event.system,
        "state": event.state,
        "explicit": event.explicit,
        "actor": event.actor,
        "actor_ref": event.actor_ref,
        "method": event.method,
        "channel": event.channel,
        "site": event.site,
        "notice_version": event.notice_version,
        "notice_hash": event.notice_hash,
        "locale": event.locale,
        "jurisdiction": event.jurisdiction,
        "gpc": event.gpc,
        "occurred_at": event.occurred_at,
        "valid_until": event.valid_until,
        "receipt": event.receipt,
    }


def append_event(tx: Tx, how: Circumstances, step: Step, dek: bytes, receipt: str | None, now: int) -> Chosen:
    """Write one event and its ledger entry."""
    asked, published = step.asked, step.published
    choice_id = ids.new("chc", now)
    entry_id = "ent_" + choice_id[4:]  # the entry of a choice bears its number
    subject = how.subject.pseudonym
    valid_until = None
    if published is not None and published.validity is not None and asked.state in YES:
        valid_until = after(now, published.validity)
    personal = _personal(how, asked)
    sealed = None
    if personal is not None:
        sealed = crypto.seal(dek, canonical.dumps(personal), sealed_place(how.tenant, subject, choice_id))
    event = Happened(
        -1,
        choice_id,
        how.tenant,
        subject,
        asked.purpose,
        step.version,
        asked.system,
        asked.state,
        step.explicit,
        step.actor,
        how.actor_ref,
        step.method,
        how.channel,
        how.site,
        asked.notice_version,
        asked.notice_hash,
        asked.locale,
        asked.jurisdiction,
        how.gpc,
        now if asked.occurred_at is None else asked.occurred_at,
        now,
        valid_until,
        receipt,
        sealed,
    )
    restrictive = asked.state in RESTRICTIVE
    kind = f"choice.{asked.state}"
    entry = Entry(kind, how.tenant, now, public_of(event), subject, personal, restrictive, entry_id)
    event = Happened(ledger.append(tx, entry, dek), *event[1:])
    tx.insert(store.INSERT_EVENT, event)
    return Chosen(event, published, entry_id, step.before)


def write_rows(tx: Tx, notary: Notary, how: Circumstances, chosen: Sequence[Chosen], rows: Places) -> Places:
    """Write the current rows of the events, and return all rows as they are now."""
    changed = [present_of(one.event, notary.settings.ask_again_days) for one in chosen]
    store.write_state(tx, (how.tenant, how.subject.pseudonym), rows.values(), changed)
    return {**rows, **{(row.purpose, row.system): row for row in changed}}


def present_of(event: Happened, ask_again_days: int) -> Present:
    """Return the current row that follows from an event."""
    ask_after = None
    if event.state in CLOSES_THE_MATTER:
        refused = event.state == "refused"
        ask_after = event.recorded_at + ask_again_days * DAY if refused else after(event.recorded_at, _A_YEAR)
    return Present(
        event.purpose,
        event.system,
        event.state,
        event.explicit,
        event.actor,
        event.gpc,
        event.id,
        event.seq,
        event.purpose_version,
        event.notice_version,
        event.recorded_at,
        event.valid_until,
        ask_after,
        event.receipt,
    )
