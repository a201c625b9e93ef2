"""Words of a purpose that press people: they keep it from being published, unless it is said why they stand (CON-18).

Only a data protection officer publishes purposes; the reason stands in the ledger beside the publication.
"""

from consent.purposes import service as purposes
from consent.purposes.documents import PurposeDocument
from core.database import Tx
from core.errors import FieldError, InvalidError
from core.principal import Principal
from disclosures.notices import wording
from ledger import service as ledger
from ledger.entries import Entry

_MEMBERS = ("name", "text", "logic_summary", "consequences", "withdrawal")


class PressingWordsError(InvalidError):
    """The words of a purpose shame a no, urge, or hide a no behind two."""

    code = "pressing-words"
    title = "The words press people. Change them, or say why they stand."


def faults(document: PurposeDocument) -> list[FieldError]:
    """Return every place whose words press people, in the languages in which such words are known."""
    return [
        FieldError(f"/texts/{language}/{member}", f'{one.code}: "{one.phrase}"')
        for language, text in document.texts.items()
        for member in _MEMBERS
        for one in wording.pressing(getattr(text, member) or "", language)
    ]


async def guard(tx: Tx, by: Principal, key: str, despite: str | None, at: int) -> None:
    """Let a draft pass that presses nobody, or for which ``despite`` says why its words stand, on record.

    Raises ``PressingWordsError``, ``PurposeNotFoundError``.
    """
    view = await purposes.view(tx, by.tenant, key)
    found = [] if view.draft is None else faults(view.draft)
    if not found:
        return
    if not (despite or "").strip():
        raise PressingWordsError(fields=tuple(found))
    public = {
        "by": by.id,
        "by_role": by.role.value,
        "purpose": key,
        "version": view.purpose.latest_version + 1,
        "because": despite,
        "places": [one.pointer for one in found],
    }
    ledger.append(tx, Entry(kind="wording.allowed", tenant=by.tenant, at=at, public=public))
