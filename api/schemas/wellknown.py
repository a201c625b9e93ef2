"""Wire types of the documents at well-known places."""

from pydantic import Field

from api.schemas.wire import Wire


class Key(Wire):
    """A public Ed25519 key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class KeySet(Wire):
    """The keys that sign receipts, newest first; retired ones stay (RFC 7517)."""

    keys: list[Key]


class GpcSupport(Wire):
    """Whether Global Privacy Control is honoured (W3C GPC, support resource)."""

    gpc: bool
    last_update: str = Field(alias="lastUpdate", serialization_alias="lastUpdate")
