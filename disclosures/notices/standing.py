"""Whether a published notice still fits the register, and which notices stand for a touchpoint (DIS-13, DIS-16).

A version remembers what its touchpoints were when it was published: kind, system, model versions, purposes, vendor
and facts. When any of that changes the notice is stale: people were told of something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from core import canonical
from core.database import Reader
from core.errors import FieldError
from disclosures import service as systems
from disclosures.errors import SystemNotFoundError
from disclosures.notices import store
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.store import VersionRow
from disclosures.touchpoints import store as touchpoint_store
from disclosures.touchpoints.documents import TouchpointDocument


def document_of(text: str) -> NoticeDocument:
    """Read a stored document."""
    return NoticeDocument.model_validate(canonical.loads(text))


async def touchpoints_of(tx: Reader, tenant: str, document: NoticeDocument) -> dict[str, TouchpointDocument | None]:
    """Return what the register says of the touchpoints of a notice; ``None`` for those it does not have."""
    found: dict[str, TouchpointDocument | None] = {}
    for key in document.touchpoints:
        row = await touchpoint_store.touchpoint(tx, tenant, key)
        found[key] = None if row is None else TouchpointDocument.model_validate(canonical.loads(row.document))
    return found


async def register_sha256(tx: Reader, tenant: str, document: NoticeDocument) -> str:
    """Return the hash of what people have to be told of the touchpoints of a notice, as the register says it now."""
    facts: list[dict[str, object]] = []
    for key, one in sorted((await touchpoints_of(tx, tenant, document)).items()):
        if one is None:
            facts.append({"key": key})
            continue
        facts.append(
            {
                "key": key,
                "kind": one.kind,
                "system": one.system,
                "models": list(one.model_versions) or await _newest_model(tx, tenant, one.system),
                "purposes": sorted(one.purposes),
                "vendor": None if one.vendor is None else one.vendor.name,
                "facts": sorted(one.all_facts),
            }
        )
    return sha256(canonical.dumps(facts)).hexdigest()


async def _newest_model(tx: Reader, tenant: str, system: str) -> list[str]:
    try:
        versions = (await systems.view(tx, tenant, system)).document.versions
    except SystemNotFoundError:
        return []
    return [f"{versions[-1].model} {versions[-1].version}"] if versions else []


async def is_stale(tx: Reader, tenant: str, row: VersionRow) -> bool:
    """Tell whether the register has changed under a published notice."""
    return row.register_sha256 != await register_sha256(tx, tenant, document_of(row.document))


def for_touchpoint(
    published: Sequence[tuple[VersionRow, NoticeDocument]], key: str, kind: str, model: str | None = None
) -> tuple[VersionRow, NoticeDocument] | None:
    """Return the notice of a kind for a touchpoint: one that names it, else one that names none.

    Where it is known which version of the model answers, a notice for that version goes before one for any; where it
    is not, one for any goes first.
    """

    def rank(one: tuple[VersionRow, NoticeDocument]) -> tuple[bool, bool]:
        return key not in one[1].touchpoints, bool(one[1].model_versions) == (model is None)

    there = [
        one
        for one in published
        if one[1].kind == kind
        and (key in one[1].touchpoints or not one[1].touchpoints)
        and (model is None or not one[1].model_versions or model in one[1].model_versions)
    ]
    return min(there, key=rank, default=None)


async def in_force(tx: Reader, tenant: str) -> list[tuple[VersionRow, NoticeDocument]]:
    """Return the notices in force with what they say."""
    return [(row, document_of(row.document)) for row in await store.in_force(tx, tenant)]


async def ready(tx: Reader, tenant: str, document: TouchpointDocument) -> Iterable[FieldError]:
    """Return what notices a touchpoint lacks before customers may meet it (EU AI Act Art. 50(1), 50(3))."""
    published = await in_force(tx, tenant)
    found = []
    for kind, pointer, detail in _needed(document):
        told = [for_touchpoint(published, document.key, kind, model) for model in document.model_versions or (None,)]
        if None in told:
            found.append(FieldError(pointer, detail))
    return found


_TALKING = frozenset({"chatbot", "voice_bot", "companion", "mental_health_bot"})


def _needed(document: TouchpointDocument) -> Iterable[tuple[str, str, str]]:
    if document.kind in _TALKING:
        yield "ai_interaction", "/kind", "publish a notice first that tells people they deal with AI (Art. 50(1))"
    if document.emotion_or_biometrics or document.kind == "sentiment":
        detail = "publish a notice first that tells people of the reading of feelings or traits (Art. 50(3))"
        yield "emotion_or_biometrics", "/emotion_or_biometrics", detail


def scores_of(text: str) -> Mapping[str, object]:
    """Return the readability of a version by language."""
    found: Mapping[str, object] = canonical.loads(text)
    return found
