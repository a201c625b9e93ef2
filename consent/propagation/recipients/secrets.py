"""What a recipient's messages are signed with (Standard Webhooks 1.0): made here, shown once, kept sealed.

After a rotation the former secret signs as well for a while, so that the recipient can change over without losing
a message: ``webhook-signature`` then holds two signatures, parted by a space.
"""

import os
from base64 import b64encode

from consent.propagation.recipients.store import RecipientRow
from core import canonical, crypto
from core.keys import KeyRing


def new() -> str:
    """Make a secret of 256 random bits, in the form in which it is handed over."""
    return "whsec_" + b64encode(os.urandom(32)).decode()


def sealed(keyring: KeyRing, tenant: str, recipient: str, secrets: list[str]) -> bytes:
    """Return secrets, newest first, as they are kept."""
    return crypto.seal(_key(keyring), canonical.dumps(secrets), _place(tenant, recipient))


def opened(keyring: KeyRing, row: RecipientRow) -> list[str]:
    """Return a recipient's secrets, newest first."""
    found: list[str] = canonical.loads(crypto.unseal(_key(keyring), row.sealed, _place(row.tenant, row.id)))
    return found


def signatures(keyring: KeyRing, row: RecipientRow, event_id: str, at: str, body: bytes, now: int) -> str:
    """Return what stands in ``webhook-signature``: one signature, or two while a former secret still counts."""
    newest, *former = opened(keyring, row)
    counting = [newest, *(former if row.both_until is not None and now < row.both_until else [])]
    return " ".join(crypto.event_signature(crypto.event_secret(one), event_id, at, body) for one in counting)


def _key(keyring: KeyRing) -> bytes:
    return crypto.derived_key(keyring.pepper, "recipient-secrets/1")


def _place(tenant: str, recipient: str) -> str:
    return f"{tenant}|recipient|sealed|{recipient}"
