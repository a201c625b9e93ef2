"""Receipts: what was chosen, signed, for the person to keep (ISO/IEC TS 27560:2023, section 6.4; GDPR Art. 7(1)).

A compact JWS of type ``consent-receipt+jwt``. It never changes; what became of it is told by its id. A receipt names
those it supersedes, and those it terminates where it takes back what they gave. What a purpose means is quoted once;
each event refers to it and to its ledger entry.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from consent.lifecycle import ALL, YES
from consent.notary import Notary
from consent.purposes.published import Published
from consent.store import Happened, Present
from core import canonical
from core.clock import MICROS, rfc3339
from core.keys import KeyRing
from ledger import jws

TYPE: Final = jws.MEDIA_TYPES["receipt"]
SCHEMA: Final = "candor-consent-receipt/1"
_QUOTED_MOST: Final = 30_000  # bytes; a longer receipt refers to what its purposes mean by hash only
_TERMINATING: Final = frozenset({"withdrawn", "objected", "restricted", "opted_out", "expired", "invalidated"})


class Signed(NamedTuple):
    """A receipt as issued."""

    id: str
    kind: str
    first_seq: int
    last_seq: int
    supersedes: tuple[str, ...]
    terminates: tuple[str, ...]
    issued_at: int
    jws: str


class Chosen(NamedTuple):
    """One recorded event, its purpose, its ledger entry's id, and the row it replaced."""

    event: Happened
    published: Published | None
    entry: str
    before: Present | None


def _event(chosen: Chosen) -> dict[str, Any]:
    """Return one event, in the terms of TS 27560; what is not known is left out."""
    event = chosen.event
    made: dict[str, Any] = {
        "choice": event.id,
        "purpose": event.purpose,
        "purpose_version": event.purpose_version,
        "system": event.system,
        "event_state": event.state,
        "event_type": "explicit" if event.explicit else "expressed",
        "event_time": rfc3339(event.recorded_at),
        "valid_until": None if event.valid_until is None else rfc3339(event.valid_until),
        "entity": {"type": event.actor, "ref": event.actor_ref},
        "method": event.method,
        "notice": None
        if event.notice_version is None
        else {"version": event.notice_version, "sha256": event.notice_hash, "language": event.locale},
        "jurisdiction": event.jurisdiction,
        "ledger": {"seq": event.seq, "entry": chosen.entry},
    }
    if event.occurred_at != event.recorded_at:
        made["occurred_at"] = rfc3339(event.occurred_at)
    return {name: value for name, value in made.items() if value is not None}


def kind_of(states: Iterable[str]) -> str:
    """Return the one state a receipt is about, or ``mixed``."""
    found = set(states)
    return found.pop() if len(found) == 1 else "mixed"


def _predecessors(chosen: Sequence[Chosen]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the receipts this one supersedes, and of those the ones whose yes it takes back."""
    superseded: dict[str, None] = {}
    terminated: dict[str, None] = {}
    for one in chosen:
        if one.before is None or one.before.receipt is None:
            continue
        superseded[one.before.receipt] = None
        if one.before.state in YES and one.event.state in _TERMINATING:
            terminated[one.before.receipt] = None
    return tuple(superseded), tuple(terminated)


def issue(notary: Notary, receipt_id: str, tenant: str, subject: str, chosen: Sequence[Chosen], at: int) -> Signed:
    """HOT PATH, budget 55 us with one choice, most of it Ed25519. Sign the receipt of one request's choices.

    ``subject`` is the public pseudonym ``sub_...``; ``at`` microseconds.
    """
    supersedes, terminates = _predecessors(chosen)
    kind = kind_of(one.event.state for one in chosen)
    payload = {
        "iss": notary.public_url,
        "iat": at // MICROS,
        "jti": receipt_id,
        "schema_version": SCHEMA,
        "record_id": receipt_id,
        "pii_principal_id": subject,
        "controller": notary.controller(tenant),
        "kind": kind,
        "purposes": {one.event.purpose: one.published.meaning for one in chosen if one.published is not None},
        "events": [_event(one) for one in chosen],
        "ledger": {"seq": chosen[-1].event.seq, "entry": chosen[-1].entry},
        "supersedes": supersedes,
        "terminates": terminates,
        "withdrawal_method": f"{notary.public_url}/v1/me/withdraw",
        "status_url": f"{notary.public_url}/v1/receipts/{receipt_id}",
    }
    if len(chosen) > 1 and len(canonical.dumps(payload)) > _QUOTED_MOST:
        payload["purposes"] = {
            one.event.purpose: {"version": one.published.facts.version, "sha256": one.published.sha256}
            for one in chosen
            if one.published is not None
        }
    signed = jws.sign(payload, notary.receipt_key, TYPE)
    seqs = (chosen[0].event.seq, chosen[-1].event.seq)
    return Signed(receipt_id, kind, *seqs, supersedes, terminates, at, signed)


def verified(keyring: KeyRing, token: str) -> dict[str, Any]:
    """Return the payload of a receipt that we signed. Raises ``jws.JwsError``."""
    return jws.verify(token, jws.public_keys(keyring, "receipt"), TYPE)


_STATUS_27560: Final = {
    "given": "dpv:ConsentGiven",
    "explicitly_given": "dpv:ConsentGiven",
    "renewed": "dpv:RenewedConsentGiven",
    "requested": "dpv:ConsentRequested",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "expired": "dpv:ConsentExpired",
    "invalidated": "dpv:ConsentInvalidated",
    "superseded": "dpv:ConsentUnknown",
}


def as_27560(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt's payload as a DPV record of ISO/IEC TS 27560 in JSON-LD (profile ``record-eu-gdpr``).

    Objections and opt-outs are no consent states; they carry their own ``candor:`` type. The person is named by the
    receipt alone, so that two records can't be put together by whoever holds only their ids.
    """
    url = payload["status_url"]
    languages = sorted({event["notice"]["language"] for event in payload["events"] if "notice" in event})
    return {
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "dct": "http://purl.org/dc/terms/",
            "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "candor": "https://candor.dev/terms#",
        },
        "@id": url,
        "@type": ["dpv:ConsentRecord"],
        "dct:conformsTo": ["https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"],
        "dct:identifier": url,
        "dct:language": languages,
        "dpv:hasDataSubject": [{"@id": f"{url}#subject", "@type": "dpv:DataSubject"}],
        "dpv:hasDataController": [_controller_27560(payload["controller"])],
        "dpv:hasProcess": [_process_27560(payload, event) for event in payload["events"]],
        "dpv:hasConsentControl": [
            {"@type": ["dpv:WithdrawConsent"], "dpv:isExercisedAt": payload["withdrawal_method"]}
        ],
        "dpv:hasRight": ["eu-gdpr:A7-3", "eu-gdpr:A15", "eu-gdpr:A17", "eu-gdpr:A21", "eu-gdpr:A77"],
    }


def _controller_27560(party: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "dpv:DataController",
        "dct:identifier": party["id"],
        "dpv:hasName": party["name"],
        "dpv:hasAddress": party["address"],
        "dpv:hasContact": party["contact"],
    }


def _process_27560(payload: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    meaning = payload["purposes"].get(event["purpose"], {})
    legal = "eu-gdpr:A9-2-a" if meaning.get("special_category") else "eu-gdpr:A6-1-a"
    status = {
        "@type": [_STATUS_27560.get(event["event_state"], f"candor:{event['event_state']}")],
        "dpv:isIndicatedBy": event["entity"]["type"],
        "dpv:hasIndicationMethod": event["method"],
        "dpv:isIndicatedAtTime": event["event_time"],
    }
    if event["event_state"] in YES:
        status["@type"].append(
            "dpv:ExplicitlyExpressedConsent" if event["event_type"] == "explicit" else "dpv:ExpressedConsent"
        )
    if "valid_until" in event:
        status["dpv:hasDuration"] = {"@type": "dpv:UntilTimeDuration", "rdf:value": event["valid_until"]}
    notice = event.get("notice")
    return {
        "@type": "dpv:Process",
        "dct:identifier": event["choice"],
        "dpv:hasPurpose": "candor:all-purposes" if event["purpose"] == ALL else event["purpose"],
        "dpv:hasLegalBasis": legal if meaning.get("lawful_basis") == "consent" else meaning.get("lawful_basis"),
        "dpv:hasPersonalData": meaning.get("pii_information", []),
        "dpv:hasRecipient": meaning.get("recipients", []),
        "dpv:hasJurisdiction": [event["jurisdiction"]] if "jurisdiction" in event else meaning.get("jurisdictions", []),
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": meaning.get("storage_locations", [])},
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": meaning.get("retention_period")},
        ],
        "dpv:hasNotice": []
        if notice is None
        else [{"@type": "dpv:ConsentNotice", "dct:identifier": notice["version"], "dct:language": notice["language"]}],
        "dpv:hasConsentStatus": [status],
    }
