"""Wire types of receipts: what became of one, the proof of its entry, and verification."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.wire import Wire


class ChoiceStatusOut(Wire):
    """One choice of a receipt."""

    choice: str
    purpose: str
    system: str
    state: str
    now: str = Field(
        description="What it is worth now, or `replaced` by a later one, or `erased`; a no outlives erasure."
    )
    recorded_at: str
    valid_until: str | None


class ReceiptStatusOut(Wire):
    """What became of a receipt; nothing personal."""

    id: str
    kind: str
    issued_at: str
    state: Literal["current", "partly_replaced", "replaced", "erased"]
    choices: list[ChoiceStatusOut]


class ProofOut(Wire):
    """That an entry is in the log: leaf index, audit path and the signed checkpoint (RFC 9162; C2SP)."""

    leaf_index: int
    tree_size: int
    hashes: list[str] = Field(description="base64")
    checkpoint: str
    entry: str = Field(description="The entry's canonical text, as hashed.")


class ReceiptProof(Wire):
    """All that `candor_verify.py` takes to check a receipt offline."""

    receipt: str
    proof: ProofOut
    keys: dict[str, Any] = Field(description="The key set that signs receipts (JWK Set).")
    vkey: str = Field(description="The log's public key (C2SP signed-note).")


class ReceiptIn(Wire):
    """A receipt to verify."""

    receipt: Annotated[str, Field(min_length=1, max_length=65_536, description="The compact JWS.")]


class Verified(Wire):
    """Whether a receipt is ours and unchanged, what it says, and what became of it."""

    valid: bool
    reason: str | None
    payload: dict[str, Any] | None
    status: ReceiptStatusOut | None
