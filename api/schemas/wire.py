"""What every type of the wire has in common: nothing that is not declared, nothing of another type."""

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """Exactly the fields that are declared, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", strict=True)
