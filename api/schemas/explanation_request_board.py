"""Wire types of the board of requests for an explanation, and of their key figures."""

from api.schemas.wire import Wire


class LineOut(Wire):
    """A request on the board."""

    id: str
    number: str
    kind: str
    state: str
    law: str
    assignee: str | None
    system: str | None
    received_at: str
    due_at: str | None
    overdue: bool
    answered_at: str | None
    on_time: bool | None


class BoardOut(Wire):
    """Requests by due date."""

    items: list[LineOut]
    next_cursor: str | None


class LawCountOut(Wire):
    """Answers owed under one law."""

    law: str
    open: int
    overdue: int
    due_within_week: int


class CountsOut(Wire):
    """Answers owed, by law."""

    laws: list[LawCountOut]


class ReviewerOut(Wire):
    """How one person reviews."""

    reviewer: str
    reviews: int
    agreement: float
    median_seconds: float
    rubber_stamp: bool


class ModelOut(Wire):
    """How a model's contested decisions ended."""

    model: str
    reviews: int
    overturned: int
    overturn_rate: float


class CohortOut(Wire):
    """How the reviews of people trained together ended; an empty ``cohort`` had no training on record."""

    cohort: str
    reviews: int
    overturned: int
    overturn_rate: float


class IncidentOut(Wire):
    """A cause that overturned a model's decisions too often."""

    id: str
    model: str
    cause: str
    overturns: int
    opened_at: str
    seq: int


class FiguresOut(Wire):
    """Key figures of a period."""

    since: str
    until: str
    received: int
    answered: int
    on_time: int
    on_time_rate: float | None
    median_days: float | None
    models: list[ModelOut]
    reviewers: list[ReviewerOut]
    cohorts: list[CohortOut]
    incidents: list[IncidentOut]
