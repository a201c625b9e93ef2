"""What the public register says of touchpoints: everything but contracts, names of staff and internal links (A.8.5)."""

from collections.abc import Sequence
from typing import Any

from core.clock import rfc3339
from disclosures.documents import SystemDocument
from disclosures.tables import Touchpoint
from disclosures.touchpoints.documents import TouchpointDocument

SCHEMA = "https://candor.dev/schemas/ai-register-1.json"


def record(row: Touchpoint, document: TouchpointDocument, system: SystemDocument) -> dict[str, Any]:
    """Return one entry of the public register."""
    newest = [system.versions[-1].version] if system.versions else []
    versions = list(document.model_versions) or newest
    return {
        "id": document.key,
        "name": document.name,
        "description": dict(document.texts),
        "kind": document.kind,
        "state": row.state,
        "since": rfc3339(row.created_at),
        "changed": rfc3339(row.changed_at),
        "system": {
            "name": system.name,
            "provider": system.provider,
            "versions": versions,
        },
        "role": system.role,
        "risk_class": system.risk_class,
        "purposes": list(document.purposes),
        "channels": list(document.channels),
        "emotion_or_biometrics": document.emotion_or_biometrics,
        "human_route": document.human_route,
        "no_human_route_reason": document.no_human_route_reason,
        "contact": system.contact,
        "assessments": [one.kind for one in document.assessments],
        "explanation_method": None if document.explaining is None else document.explaining.method,
    }


def document(organisation: str, records: Sequence[dict[str, Any]], at: int) -> dict[str, Any]:
    """Return the whole public register of an organisation as read at an instant (microseconds)."""
    return {"schema": SCHEMA, "organisation": organisation, "read_at": rfc3339(at), "systems": list(records)}
