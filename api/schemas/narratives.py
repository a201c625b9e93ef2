"""Wire types of narratives: an explanation in words."""

from pydantic import Field

from api.schemas.wire import Wire
from explanations.parts import Narrative


class NarrativeOut(Wire):
    """An explanation in words. With `blocks` it is a draft that may not be sent."""

    explanation: str
    sendable: bool = Field(description="Whether nothing keeps the words from being sent as they are.")
    narrative: Narrative | None = Field(description="Null once the person was erased.")
    html: str | None = Field(description="The same as an HTML fragment; every text is escaped.")
    picture: str | None = Field(description="The reasons as an SVG chart; only where their order is certain.")
