"""Our register in the field sets of national ones: UK ATRS (standard repository of 2023), Dutch register (v0.3.1).

What we know is filled in; what only the operator knows comes from ``public_record`` of the touchpoint, where
``not applicable`` is an answer too. A record that lacks a required field is not exported: its gaps are named. Each
field set is a JSON schema beside this file.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

from core.clock import MICROS
from disclosures.documents import SystemDocument
from disclosures.tables import Touchpoint
from disclosures.touchpoints.documents import TouchpointDocument

Standard = Literal["atrs", "dutch"]
NOT_APPLICABLE: Final = "not applicable"
_PHASE: Final = {"draft": "design", "pilot": "beta/pilot", "live": "production", "suspended": "retired"}
_STATUS: Final = {"draft": "in ontwikkeling", "pilot": "in ontwikkeling", "live": "in gebruik"}


class Exported(NamedTuple):
    """A record in a national field set, and the required fields it lacks."""

    key: str
    record: dict[str, Any]
    missing: tuple[str, ...]


@cache
def schema(standard: Standard) -> dict[str, Any]:
    """Return the JSON schema of a field set."""
    found: dict[str, Any] = json.loads(
        files(__package__).joinpath(f"{standard}.schema.json").read_text(encoding="utf-8")
    )
    return found


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / MICROS, UTC).date().isoformat()


def _common(row: Touchpoint, document: TouchpointDocument, system: SystemDocument, organisation: str) -> dict[str, Any]:
    text = document.texts.get("en") or next(iter(document.texts.values()))
    assessments = "; ".join(f"{one.kind}: {one.reference}" for one in document.assessments)
    return {
        "name": document.name,
        "description": text,
        "organisation": organisation,
        "contact_email": system.contact,
        "owner": document.owner,
        "supplier": document.vendor.name if document.vendor else NOT_APPLICABLE,
        "assessments": assessments or None,
        "human": document.human_route or document.no_human_route_reason,
        "created": _day(row.created_at),
        "changed": _day(row.changed_at),
    }


def atrs(row: Touchpoint, document: TouchpointDocument, system: SystemDocument, organisation: str) -> dict[str, Any]:
    """Return what we know in the words of the UK Algorithmic Transparency Recording Standard."""
    known = _common(row, document, system, organisation)
    return {
        "name": known["name"],
        "description": known["description"],
        "contact_email": known["contact_email"],
        "organisation": organisation,
        "team": document.owner,
        "senior_responsible_owner": document.approver or document.owner,
        "supplier": known["supplier"],
        "supplier_role": "none" if document.vendor is None else "provides the model",
        "scope": known["description"],
        "model_type": ", ".join(f"{one.model} {one.version}" for one in system.versions[-1:]) or None,
        "phase": _PHASE.get(row.state, "retired"),
        "appeals_and_review": known["human"],
        "impact_assessment": known["assessments"],
    }


def dutch(row: Touchpoint, document: TouchpointDocument, system: SystemDocument, organisation: str) -> dict[str, Any]:
    """Return what we know in the words of the Dutch register of algorithms."""
    known = _common(row, document, system, organisation)
    return {
        "name": known["name"],
        "description_short": known["description"],
        "organization": organisation,
        "department": document.owner,
        "contact_email": known["contact_email"],
        "status": _STATUS.get(row.state, "buiten gebruik"),
        "goal": ", ".join(document.purposes),
        "risk_category": system.risk_class,
        "algorithm_type": document.kind,
        "human_intervention": known["human"],
        "standard_version": "0.3.1",
        "publication_date": known["created"],
        "last_change_date": known["changed"],
    }


_MADE: Final = {"atrs": atrs, "dutch": dutch}


def exported(
    standard: Standard, row: Touchpoint, document: TouchpointDocument, system: SystemDocument, organisation: str
) -> Exported:
    """Return a touchpoint in a national field set; what the operator wrote goes before what we make of it."""
    wanted: Mapping[str, Any] = schema(standard)["properties"]
    known = {name: value for name, value in _MADE[standard](row, document, system, organisation).items() if value}
    own = {name: value for name, value in document.public_record.items() if name in wanted}
    record = {**known, **own}
    missing = tuple(name for name in schema(standard)["required"] if name not in record)
    return Exported(document.key, {name: record[name] for name in wanted if name in record}, missing)
