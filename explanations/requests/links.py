"""Links and codes: 256 random bits or six digits, kept as a keyed digest, and sealed for the letter that carries them.

A link opens one case's page until it ends. A code holds once, for minutes, and only for few attempts: counted in the
database, so that neither another process nor another address gives more (NIST SP 800-63B, 5.1.3). What does not hold is
answered the same whether or not there is such a case.
"""

import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag

from core import crypto
from core.clock import DAY, MICROS
from core.database import Reader, Tx
from core.keys import KeyRing
from explanations.requests import record, store
from explanations.requests.errors import RequestNotFoundError, TooManyCodesError
from explanations.requests.record import Case
from explanations.requests.store import SecretRow
from explanations.requests.terms import Desk

CODE: Final = "code"
STATUS: Final = "status"
ANSWER: Final = "answer"


def _digest(keyring: KeyRing, purpose: str, request: str, text: str) -> bytes:
    key = crypto.derived_key(keyring.pepper, "request-link/1")
    return hmac.digest(key, f"{purpose}|{request}|{text}".encode(), "sha256")


def _place(digest: bytes) -> str:
    return f"explanation_request_secret|{digest.hex()}"


async def make(tx: Tx, desk: Desk, case: Case, purpose: str, now: int) -> str:
    """Make a link to a case and return its secret part."""
    text = secrets.token_urlsafe(32)
    until = now + desk.terms.link_days * DAY
    await _keep(tx, desk, case, purpose, _digest(desk.keyring, "link", "", text), text, now, until)
    return text


async def make_code(tx: Tx, desk: Desk, case: Case, now: int) -> None:
    """Make a code for the letter that carries it. Raises ``TooManyCodesError``."""
    if await store.secrets_since(tx, case.row.id, CODE, now - DAY) >= desk.terms.codes_a_day:
        raise TooManyCodesError
    text = f"{secrets.randbelow(1_000_000):06d}"
    until = now + desk.terms.code_minutes * 60 * MICROS
    # the instant makes the digest of the same six digits another one each time
    digest = _digest(desk.keyring, f"code|{now}", case.row.id, text)
    await _keep(tx, desk, case, CODE, digest, text, now, until)


async def _keep(tx: Tx, desk: Desk, case: Case, purpose: str, digest: bytes, text: str, now: int, until: int) -> None:
    dek = await record.data_key(tx, desk.keyring, case.row)
    sealed = crypto.seal(dek, text.encode(), _place(digest))
    row = SecretRow(digest, case.row.tenant, case.row.id, purpose, now, until, 0, None, sealed)
    tx.insert(store.INSERT_SECRET, row)


async def find(tx: Reader, keyring: KeyRing, text: str, now: int) -> Case:
    """Return the case a link leads to. Raises ``RequestNotFoundError`` for one that does not hold."""
    row = await store.secret(tx, _digest(keyring, "link", "", text))
    if row is None or row.expires_at <= now or row.purpose not in {STATUS, ANSWER}:
        raise RequestNotFoundError
    return await record.load(tx, row.tenant, row.request)


async def written(tx: Reader, keyring: KeyRing, case: Case, purpose: str) -> str | None:
    """Return the newest link or code in the open, for its letter; nothing if there is none or it is gone."""
    row = await store.last_secret(tx, case.row.id, purpose)
    if row is None or row.sealed is None:
        return None
    dek = await record.data_key(tx, keyring, case.row)
    try:
        return crypto.unseal(dek, row.sealed, _place(row.digest)).decode()
    except InvalidTag:  # made before it was known whom the case is about, or in the person's former life
        return None


async def check_code(tx: Tx, desk: Desk, case: Case, text: str, now: int) -> bool:
    """Try a code against the newest one; an attempt counts whether it holds or not, and is kept either way."""
    row = await store.last_secret(tx, case.row.id, CODE)
    if row is None or row.used_at is not None or row.expires_at <= now or row.attempts >= desk.terms.code_attempts:
        return False
    good = hmac.compare_digest(row.digest, _digest(desk.keyring, f"code|{row.made_at}", case.row.id, text))
    await store.tried(tx, row.digest, now if good else None)
    return good
