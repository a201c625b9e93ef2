"""One entry of the log: what is hashed, and how it commits to personal data without holding any.

The body is canonical JSON (RFC 8785) of public facts. What is personal enters only as HMAC-SHA256 under a salt
derived from the subject's data key and the entry's id: ``commitment`` over the personal part, ``subject`` over the
pseudonym. Destroying the key (GDPR Art. 17) leaves two numbers that nobody can link or guess; the tree stands.
"""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from core import canonical, crypto, ids
from ledger.tiles import ENTRY_BYTES_MOST

VERSION = 1
_SUBJECT = b"candor/ledger-subject"


class Entry(NamedTuple):
    """A fact to record: ``kind`` is past tense and dotted (``choice.given``), ``at`` microseconds.

    ``public`` is hashed and published as it is; ``personal`` only as a commitment. ``subject`` is the 16-byte
    pseudonym. ``restrictive`` says that an answer of the gate may have turned to no. ``id`` is made if not given.
    """

    kind: str
    tenant: str
    at: int
    public: Mapping[str, Any]
    subject: bytes | None = None
    personal: Mapping[str, Any] | None = None
    restrictive: bool = False
    id: str | None = None


class EntryRow(NamedTuple):
    """A recorded entry, as stored. ``body`` is the canonical text that ``leaf`` hashes."""

    seq: int
    id: str
    tenant: str
    kind: str
    subject: bytes | None
    at: int
    restrictive: bool
    body: str
    leaf: bytes


def subject_binding(dek: bytes, entry_id: str, subject: bytes) -> str:
    """Return the hex commitment to whose entry it is; only the subject's key can make or check it."""
    return hmac.digest(crypto.commitment_salt(dek, entry_id), _SUBJECT + subject, "sha256").hex()


def commitment(dek: bytes, entry_id: str, personal: Mapping[str, Any]) -> str:
    """Return the hex commitment to the personal part of an entry."""
    return crypto.commit(dek, entry_id, canonical.dumps(personal))


def body_of(entry: Entry, entry_id: str, seq: int, dek: bytes | None) -> bytes:
    """HOT PATH, 10 us with a subject. Return the canonical body. Raises ``ValueError`` for what can't be recorded.

    Whatever is personal needs the subject's key ``dek``; an entry without subject must not carry any.
    """
    if (entry.subject is None) != (dek is None) or (entry.personal is not None and dek is None):
        raise ValueError("an entry about a subject needs the subject's key, any other must not have one")
    promised = bound = None
    if dek is not None and entry.subject is not None:
        salt = crypto.commitment_salt(dek, entry_id)
        bound = hmac.digest(salt, _SUBJECT + entry.subject, "sha256").hex()
        if entry.personal is not None:
            promised = hmac.digest(salt, canonical.dumps(entry.personal), "sha256").hex()
    body = canonical.dumps(
        {
            "at": entry.at,
            "commitment": promised,
            "id": entry_id,
            "kind": entry.kind,
            "public": entry.public,
            "restrictive": entry.restrictive,
            "seq": seq,
            "subject": bound,
            "tenant": entry.tenant,
            "v": VERSION,
        }
    )
    if len(body) > ENTRY_BYTES_MOST:
        raise ValueError("an entry's body is at most 65,535 bytes long")
    return body


def new_id(entry: Entry) -> str:
    """Return the entry's id, made from its instant if it has none."""
    return entry.id or ids.new("ent", entry.at)
