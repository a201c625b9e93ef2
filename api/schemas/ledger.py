"""Wire types of the ledger: entries, checkpoints, proofs."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EntryOut(_Out):
    """One entry: `body` is the canonical text whose hash is `leaf`."""

    seq: int
    id: str
    kind: str
    at: str
    subject: str | None = Field(description="Whose entry it is, as a `sub_` id; null where it is about nobody.")
    body: str
    leaf: str = Field(description="SHA-256 of 0x00 and the body, hex (RFC 9162, 2.1.1).")


class EntryList(_Out):
    """A page of entries in their order."""

    entries: list[EntryOut]
    next_after: int | None = Field(description="`after` of the next page; null on the last.")


class InclusionOut(_Out):
    """All it takes to check an entry offline: save it and run the stand-alone verifier."""

    leaf_index: int
    tree_size: int
    hashes: list[str] = Field(description="Base64, from the leaf upwards.")
    checkpoint: str = Field(description="The signed note (C2SP) of the tree.")
    entry: str = Field(description="The entry's canonical body.")


class ConsistencyOut(_Out):
    """That the tree of `second` entries only adds to that of `first`."""

    first: int
    second: int
    hashes: list[str] = Field(description="Base64.")


class LogKeys(_Out):
    """The log's name and the keys that sign its checkpoints, the newest last."""

    origin: str
    vkeys: list[str] = Field(description="C2SP verifier keys.")
    keys: list[dict[str, Any]] = Field(description="The keys of receipts (RFC 7517).")
