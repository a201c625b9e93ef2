"""Wire types of queues: their rules, and what anybody may know of them."""

from typing import Annotated

from pydantic import Field

from api.schemas.handoffs import Key
from api.schemas.wire import Wire

Wall = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", description="Wall-clock time.")]
Day = Annotated[str, Field(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")]
Date = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Score = Annotated[float, Field(ge=-1, le=1)]
Few = Annotated[int, Field(ge=1, le=20)]


class HoursIn(Wire):
    """When a queue is staffed, in its own time zone; an empty `weekly` means always."""

    zone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] = "UTC"
    weekly: dict[Day, list[Annotated[list[Wall], Field(min_length=2, max_length=2)]]] = Field(default_factory=dict)
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None = None
    closed: list[Date] = Field(default_factory=list, max_length=366)


class ThresholdsIn(Wire):
    """When a signal counts; scores from 0 to 1, mood from -1 to 1, turns in a row."""

    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    confidence_turns: Few = 2
    failures: Few = 2
    sentiment: Score = -0.5
    sentiment_turns: Few = 2


class QueueIn(Wire):
    """A queue's rules."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f<>]*$")]
    hours: HoursIn = Field(default_factory=HoursIn)
    languages: list[Annotated[str, Field(max_length=12)]] = Field(default_factory=list, max_length=20)
    skills: list[Key] = Field(default_factory=list, max_length=20)
    target_seconds: Seconds = Field(180, description="The time to a human that you promise.")
    threshold_seconds: Seconds = Field(180, description="What the law in force asks for (Spain: 180).")
    threshold_share: Annotated[float, Field(gt=0, le=1)] = Field(0.95, description="For this share of requests.")
    offer_seconds: Seconds = 30
    offers_before_broadcast: Few = 3
    relax_seconds: Seconds = 60
    wait_limit_seconds: Seconds = 600
    desk_seconds: Annotated[int, Field(ge=1, le=60)] = 5
    slot_minutes: Annotated[int, Field(ge=10, le=240)] = 30
    reopen_days: Annotated[int, Field(ge=0, le=90)] = 7
    chain: list[Key] = Field(default_factory=lambda: ["builtin"], max_length=8, description="Desks, first to last.")
    lawful: dict[Key, Key] = Field(default_factory=dict, max_length=20, description="Part of the context: purpose.")
    thresholds: ThresholdsIn = Field(default_factory=ThresholdsIn)


class QueueOut(QueueIn):
    """A queue with its key and version."""

    key: str
    version: int


class QueuesOut(Wire):
    """Every queue."""

    items: list[QueueOut]


class AvailabilityOut(Wire):
    """What anybody may know before asking."""

    queue: str
    name: str
    is_open: bool
    next_opening: str | None
    agents_here: int
    wait_seconds: int | None = Field(description="The usual wait; null while nobody is here.")
    modes: list[str]
    slots: list[str]
    target_seconds: int
