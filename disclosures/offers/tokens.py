"""HOT PATH, budget 12 us to make or to read one. An offer as text: what was offered, and a MAC over it (RFC 2104).

Only we make and only we read offers, so a keyed MAC under a key of our own does, at a fiftieth of a signature's cost.
``of1.`` payload ``.`` MAC: base64url without padding; the payload is canonical JSON with short names.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from core import canonical, crypto
from core.keys import KeyRing
from disclosures.offers.errors import OfferAlteredError

_PREFIX: Final = "of1."
_LONGEST: Final = 8192
_MAC_BYTES: Final = 16
Cohorts = tuple[tuple[str, int], ...]  # an experiment, and the version of its notice that was shown


class Offer(NamedTuple):
    """What was offered to whom: ``purposes`` with their versions, the text by its SHA-256; instants in microseconds.

    ``subject`` is the pseudonym; nothing for a browser that has no id yet: then any device of the site may answer.
    ``cohorts`` are the experiments whose variants stand in the text.
    """

    id: str
    tenant: str
    site: str
    subject: bytes | None
    purposes: Mapping[str, int]
    text_sha256: str
    version: str
    language: str
    surface: str
    expires_at: int
    cohorts: Cohorts = ()


@lru_cache(maxsize=4)
def _derived(pepper: bytes) -> bytes:
    return crypto.derived_key(pepper, "offer/1")


def key_of(keyring: KeyRing) -> bytes:
    """Return the key under which offers are made; the same in all processes of one Candor."""
    return _derived(keyring.pepper)


def _coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _coded(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def seal(key: bytes, offer: Offer) -> str:
    """Return an offer as text."""
    cohorts = {"c": [list(one) for one in offer.cohorts]} if offer.cohorts else {}
    payload = canonical.dumps(
        {
            **cohorts,
            "i": offer.id,
            "t": offer.tenant,
            "s": offer.site,
            "u": None if offer.subject is None else offer.subject.hex(),
            "p": dict(offer.purposes),
            "h": offer.text_sha256,
            "v": offer.version,
            "l": offer.language,
            "f": offer.surface,
            "x": offer.expires_at,
        }
    )
    return f"{_PREFIX}{_coded(payload)}.{_coded(hmac.digest(key, payload, 'sha256')[:_MAC_BYTES])}"


def unseal(key: bytes, text: str) -> Offer:
    """Return the offer, which we made. Raises ``OfferAlteredError``."""
    if len(text) > _LONGEST or not text.startswith(_PREFIX) or not text.isascii():
        raise OfferAlteredError
    coded, _, proof = text[len(_PREFIX) :].partition(".")
    try:
        payload, mac = _decoded(coded), _decoded(proof)
    except ValueError:
        raise OfferAlteredError from None
    if not hmac.compare_digest(mac, hmac.digest(key, payload, "sha256")[:_MAC_BYTES]):
        raise OfferAlteredError
    found = canonical.loads(payload)
    return Offer(
        found["i"],
        found["t"],
        found["s"],
        None if found["u"] is None else bytes.fromhex(found["u"]),
        found["p"],
        found["h"],
        found["v"],
        found["l"],
        found["f"],
        found["x"],
        tuple((experiment, version) for experiment, version in found.get("c", ())),
    )
