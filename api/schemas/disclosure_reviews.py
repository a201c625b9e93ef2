"""Wire types of vendors' updates and the reviews they open. What an update says is the room's own document."""

from pydantic import Field

from api.schemas.wire import Wire
from disclosures.reviews.documents import Outcome, VendorUpdate


class ReviewOut(Wire):
    """The question whether people have to be told anew at a touchpoint, and its answer once there is one."""

    id: str
    event: str
    system: str
    touchpoint: str
    notice: str | None = Field(description="Nothing where no notice stood at the touchpoint.")
    version: int | None = Field(description="Of the notice, in force when the review was opened.")
    opened_at: str
    outcome: Outcome | None
    reason: str | None
    new_version: int | None = Field(description="The version that tells of the change.")
    closed_by: str | None
    closed_at: str | None


class ReviewList(Wire):
    """A page of reviews, oldest first."""

    items: list[ReviewOut]
    next_cursor: str | None


class VendorEventOut(Wire):
    """A vendor's update as it was recorded."""

    id: str
    system: str
    recorded_by: str
    recorded_at: str
    document: VendorUpdate


class VendorEventOpened(VendorEventOut):
    """A vendor's update and the reviews that it opened."""

    reviews: list[ReviewOut]


class VendorEventList(Wire):
    """A page of a system's updates, oldest first."""

    items: list[VendorEventOut]
    next_cursor: str | None
