"""Wire types of the figures of handing over to people."""

from typing import Any

from pydantic import Field

from api.schemas.wire import Wire


class CriterionOut(Wire):
    """One of F1 to F14; `met` is null where nothing was measured."""

    id: str
    measure: str
    value: float | None
    target: float
    met: bool | None


class TouchpointOut(Wire):
    """Waits and abandonment at one touchpoint, against its queue's threshold."""

    touchpoint: str
    requests: int
    wait_p50_seconds: float | None
    wait_p95_seconds: float | None
    threshold_seconds: int
    threshold_share: float
    under_threshold: float | None
    alert: bool = Field(description="The share under the threshold is smaller than it must be.")
    abandoned: int
    abandoned_after_p50_seconds: float | None


class SegmentOut(Wire):
    """One group; nothing is shown of groups of fewer than five."""

    segment: str
    requests: int | None
    wait_p95_seconds: float | None
    changed: float | None


class ContainmentOut(Wire):
    """How many conversations ended with the AI, beside how many people came back within a week."""

    conversations: int
    contained: float | None
    came_back_within_7_days: float | None


class ErasuresOut(Wire):
    """Deletions asked of a desk, confirmed by it, and left to people because it offers none."""

    asked: int
    confirmed: int
    by_hand: int


class ProcessorOut(Wire):
    """Which desk received which parts of cases."""

    desk: str
    cases: int
    fields: dict[str, int]
    first_at: str
    last_at: str
    erasures: ErasuresOut


class FiguresOut(Wire):
    """How handing over went in a period."""

    start: str
    end: str
    friction: list[CriterionOut]
    touchpoints: list[TouchpointOut]
    causes: dict[str, int]
    quality: dict[str, Any]
    containment: ContainmentOut
    turns: dict[str, int]
    by_language: list[SegmentOut]
    by_ai_choice: list[SegmentOut]
    processors: list[ProcessorOut]
