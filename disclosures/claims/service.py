"""The verbs of claims: make, change, retire. Each leaves a revision and stands in the ledger."""

from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from disclosures.claims import store
from disclosures.claims.documents import ClaimDocument
from disclosures.claims.errors import (
    ClaimChangedError,
    ClaimKnownError,
    ClaimNotFoundError,
    ClaimRetiredError,
    InvalidClaimError,
)
from disclosures.tables import ClaimVersion
from ledger import service as ledger
from ledger.entries import Entry

_MOST = 10_000


class ClaimView(NamedTuple):
    """A claim as the register has it."""

    row: ClaimVersion
    document: ClaimDocument


def document_of(text: str) -> ClaimDocument:
    """Read a stored document."""
    return ClaimDocument.model_validate(canonical.loads(text))


def read_document(values: object) -> ClaimDocument:
    """Read a document from outside the API (demo, forms). Raises ``InvalidClaimError`` naming the fields."""
    try:
        return ClaimDocument.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        fields = tuple(FieldError("/" + "/".join(map(str, fault["loc"])), fault["msg"]) for fault in faults)
        raise InvalidClaimError(fields=fields) from error


def _write(tx: Tx, by: Principal, kind: str, at: int, document: ClaimDocument, revision: int) -> ClaimView:
    raw = document.canonical()
    row = ClaimVersion(
        tenant=by.tenant,
        key=document.key,
        revision=revision,
        document=raw.decode(),
        retired=kind == "claim.retired",
        sha256=sha256(raw).hexdigest(),
        recorded_at=at,
    )
    store.add(tx, row)
    public = {
        "by": by.id,
        "by_role": by.role.value,
        "claim": row.key,
        "revision": revision,
        "sha256": row.sha256,
    }
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))
    return ClaimView(row, document)


async def make(tx: Tx, by: Principal, document: ClaimDocument, at: int) -> ClaimView:
    """Enter a claim, with or without evidence. Raises ``ClaimKnownError``."""
    if await store.claim(tx, by.tenant, document.key) is not None:
        raise ClaimKnownError
    return _write(tx, by, "claim.made", at, document, 1)


async def _present(tx: Reader, tenant: str, key: str, revision: int | None) -> ClaimVersion:
    found = await store.claim(tx, tenant, key)
    if found is None:
        raise ClaimNotFoundError
    if found.retired:
        raise ClaimRetiredError
    if revision is not None and revision != found.revision:
        raise ClaimChangedError
    return found


async def change(tx: Tx, by: Principal, document: ClaimDocument, at: int, revision: int | None = None) -> ClaimView:
    """Say something else of a claim; ``revision`` is the one the caller has read.

    Raises ``ClaimNotFoundError``, ``ClaimRetiredError``, ``ClaimChangedError``.
    """
    row = await _present(tx, by.tenant, document.key, revision)
    return _write(tx, by, "claim.changed", at, document, row.revision + 1)


async def retire(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> ClaimView:
    """Take a claim back: from now on no notice may say it. Raises what ``change`` raises."""
    row = await _present(tx, by.tenant, key, revision)
    return _write(tx, by, "claim.retired", at, document_of(row.document), row.revision + 1)


async def view(tx: Reader, tenant: str, key: str) -> ClaimView:
    """Return a claim as it is now. Raises ``ClaimNotFoundError``."""
    found = await store.claim(tx, tenant, key)
    if found is None:
        raise ClaimNotFoundError
    return ClaimView(found, document_of(found.document))


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[ClaimView]:
    """Return up to ``limit`` claims whose key comes after ``after``."""
    return [ClaimView(row, document_of(row.document)) for row in await store.claims_after(tx, tenant, after, limit)]


async def of_tenant(tx: Reader, tenant: str) -> list[ClaimView]:
    """Return every claim of a tenant, also those taken back."""
    return await listed(tx, tenant, "", _MOST)


async def versions(tx: Reader, tenant: str, key: str) -> list[ClaimView]:
    """Return everything the register ever said of a claim, newest first. Raises ``ClaimNotFoundError``."""
    await view(tx, tenant, key)
    return [ClaimView(row, document_of(row.document)) for row in await store.versions(tx, tenant, key)]
