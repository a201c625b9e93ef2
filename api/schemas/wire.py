"""What every type of the wire has in common: nothing that is not declared, nothing of another type."""

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """Exactly the fields that are declared, each of exactly its type.

    A type's validator is built when the type is first used: most of a process' types never are (2.4 MB).
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)
