"""Wire types of retention: schedules with what laws ask, previews, legal holds, certificates of deletion."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.packs.documents import Place, RuleId, Word

Line = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Instant = Annotated[str, Field(max_length=40, description="RFC 3339.")]


class ScheduleIn(Wire):
    """How long records are to be kept, counted as `counts_from` says."""

    period: Annotated[str, Field(max_length=40)] | None = Field(
        description="ISO 8601, such as `P36M`; null keeps them for good."
    )
    reason: Line
    places: list[Place] = Field([], max_length=60, description="Where the people live; empty: anywhere.")
    sectors: list[Word] | None = Field(None, max_length=20, description="Null: any sector.")
    set_aside: list[RuleId] = Field([], max_length=20, description="Rules that are advice and not followed.")
    starts_at: Instant | None = Field(None, description="Nothing is deleted before; null: at once.")


class MinimumOut(Wire):
    """What a rule pack asks of these records."""

    pack: str
    rule: str
    asks: str
    period: str
    cite: str
    confidence: str
    advisory: bool = Field(description="Advice: may be set aside by name.")
    begins: date | None = Field(description="From when; null: in force when it was looked at.")
    in_force: bool


class ScheduleVersionOut(ScheduleIn):
    """A version of a schedule."""

    version: int
    proposed_by: str
    proposed_at: str
    approved_by: str | None
    approved_at: str | None
    seq: int = Field(description="Its last entry in the ledger.")


class ScheduleOut(Wire):
    """A sort of records: what a schedule deletes and what stays, and how long it is kept."""

    record_type: str
    name: str
    deleted: str
    stays: str
    counts_from: str
    in_force: ScheduleVersionOut | None = Field(description="Null: nothing is deleted.")
    waiting: ScheduleVersionOut | None = Field(description="Waits for a second person.")
    minimums: list[MinimumOut]
    suggested: str | None = Field(description="The longest period a rule in force asks for.")


class ScheduleList(Wire):
    """Every sort of records there is."""

    items: list[ScheduleOut]


class PreviewOut(Wire):
    """What a run would delete now; nothing is deleted by asking."""

    record_type: str
    periods: list[str]
    as_of: str
    cut_off: str
    due: int
    held: int
    oldest: str | None = Field(description="From when the oldest record that is due counts.")
    complete: bool = Field(description="False: there are more records than one preview looks at.")


class HoldIn(Wire):
    """What is not to be deleted, and for which matter."""

    scope: Literal["subject", "record", "type"]
    record_type: Annotated[str, Field(max_length=40)] | None = None
    record: Annotated[str, Field(max_length=64)] | None = None
    subject: Annotated[str, Field(pattern=r"^sub_[0-9a-f]{32}$")] | None = None
    ground: Literal["litigation", "authority", "complaint", "investigation", "restriction"]
    reference: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")] = Field(
        description="The matter's number; never a name: it stands in the ledger."
    )


class HoldOut(Wire):
    """A legal hold; it stands until `released_at`."""

    id: str
    scope: str
    record_type: str | None
    record: str | None
    subject: str | None
    ground: str
    reference: str
    placed_by: str
    placed_at: str
    placed_seq: int
    released_by: str | None
    released_at: str | None
    released_because: str | None
    released_seq: int | None


class HoldList(Wire):
    """A page of holds, the oldest first."""

    items: list[HoldOut]
    next_cursor: str | None


class ReleaseIn(Wire):
    """Why records need not be held any more."""

    because: Line


class CertificateOut(Wire):
    """What a run deleted, and that nothing was left; its ledger entry `seq` says the same."""

    id: str
    record_type: str
    schedule_version: int
    periods: list[str]
    as_of: str
    cut_off: str
    after: str = Field(description="Earlier runs had deleted everything up to this record.")
    up_to: str
    deleted: int
    first: str | None
    last: str | None
    sha256: str = Field(description="Chained over the digests of the steps, each in the ledger.")
    held: dict[str, int] = Field(description="How many records each hold kept.")
    verified_at: str | None = Field(description="When nothing due was left; null: something was.")
    seq: int


class CertificateList(Wire):
    """A page of certificates, newest first."""

    items: list[CertificateOut]
    next_cursor: str | None
