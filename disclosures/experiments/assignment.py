"""Which variant a person is shown: always the same one, by a keyed hash of her pseudonym, with nothing stored.

Nobody can work out the variant of another without the key, and the halves of two experiments have nothing to do with
each other, for the experiment's id is hashed too.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from core import crypto
from core.keys import KeyRing
from disclosures.experiments.documents import ALL_OF_IT, Variant

_BYTES: Final = 16  # so many that the remainder of 100 favours nobody


@lru_cache(maxsize=4)
def _derived(pepper: bytes) -> bytes:
    return crypto.derived_key(pepper, "experiment/1")


def key_of(keyring: KeyRing) -> bytes:
    """Return the key under which people are assigned; the same in all processes of one Candor."""
    return _derived(keyring.pepper)


def variant_of(key: bytes, experiment: str, subject: bytes, variants: Sequence[Variant]) -> Variant:
    """Return the variant of a person (a pseudonym); the shares make 100 together."""
    digest = hashlib.blake2b(experiment.encode() + subject, key=key, digest_size=_BYTES).digest()
    place = int.from_bytes(digest, "big") % ALL_OF_IT
    for one in variants:
        place -= one.share
        if place < 0:
            return one
    return variants[-1]
