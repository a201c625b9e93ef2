"""What a letter of a case says: put together when it is sent, so that nothing of it lies open in the meantime."""

from typing import NamedTuple

from core import canonical
from core.clock import LATEST
from core.database import Reader, Tx
from explanations.requests import authorities, links, record, store
from explanations.requests.record import Case
from explanations.requests.store import EventRow
from explanations.requests.terms import Desk
from explanations.requests.wording import Wording


class Composed(NamedTuple):
    """A letter ready to be sent; ``notice`` is its language."""

    to: str
    subject: str
    text: str
    language: str


async def compose(tx: Reader, desk: Desk, tenant: str, request: str, letter: str, seq: int) -> Composed | None:
    """Return a letter about what happened at ``seq``; nothing where there is no address, or the person was erased."""
    case = await record.load(tx, tenant, request)
    to = (await record.intake_of(tx, desk.keyring, case.row)).get("address")
    if not to:
        return None
    event = next((one for one in await store.events(tx, request) if one.seq == seq), None)
    words = Wording(case.facts.language)
    fields = await _fields(tx, desk, case, event, words, letter)
    name = letter
    if letter == "decided" and event is not None:
        name = str(canonical.loads(event.facts)["state"])
    subject = words(f"letter.{letter}_subject", **fields)
    return Composed(to, subject.text, words.plain(f"letter.{name}", **fields), subject.language)


async def _fields(
    tx: Reader, desk: Desk, case: Case, event: EventRow | None, words: Wording, letter: str
) -> dict[str, object]:
    texts = {} if event is None else await record.texts_of(tx, desk.keyring, event)
    purpose = links.ANSWER if letter == "released" else links.STATUS
    secret = await links.written(tx, desk.keyring, case, purpose)
    code = await links.written(tx, desk.keyring, case, links.CODE) if letter == "code" else None
    due = case.row.due_at
    return {
        "number": case.row.number,
        "date": "-" if due == LATEST else words.date(due),
        "link": "" if secret is None else address(desk, secret),
        "text": next((texts[name] for name in ("letter", "reasons", "question") if name in texts), ""),
        "remedy": texts.get("remedy", ""),
        "authority": authorities.of(desk.terms, case.facts.place),
        "contact": desk.terms.contact,
        "code": code or "",
        "minutes": desk.terms.code_minutes,
    }


def address(desk: Desk, secret: str) -> str:
    """Return the address of a status page."""
    return f"{desk.terms.public_url.rstrip('/')}/r/{secret}"


async def note(tx: Tx, desk: Desk, tenant: str, request: str, letter: str, sent: str, now: int) -> None:
    """Note that a letter was delivered, or why it was not (EXP-07: delivery proof)."""
    case = await record.load(tx, tenant, request)
    dek = await record.data_key(tx, desk.keyring, case.row)
    kind = "letter-sent" if sent == "sent" else "letter-not-sent"
    record.write_event(tx, case.row, dek, kind, {"letter": letter, "outcome": sent}, {}, now)


async def note_overdue(tx: Tx, desk: Desk, tenant: str, request: str, now: int) -> bool:
    """Note that an answer is late, once; return whether it was."""
    case = await record.load(tx, tenant, request)
    row = case.row
    if not row.owed or row.overdue_at is not None or row.due_at >= now:
        return False
    dek = await record.data_key(tx, desk.keyring, row)
    facts = {"law": row.law, "due_at": row.due_at, "state": row.state}
    seq = record.write_event(tx, row, dek, "overdue", facts, {}, now)
    await store.update(tx, row._replace(overdue_at=now, seq=seq, updated_at=now))
    return True
