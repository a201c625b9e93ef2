"""People who choose, for tests: a notary, subjects, and one call each for choosing and asking the gate."""

from typing import Any

from consent import choices, store
from consent.asked import Asked, Circumstances
from consent.cache import Catalogue, Question, ask, by_level
from consent.gate import Answer, SystemFacts
from consent.notary import Controller, Notary
from consent.purposes.published import facts_at
from consent.recording import Recorded
from core import crypto
from core.clock import FixedClock
from core.database import Database, Loader, Reader
from core.keys import KeyRing
from core.principal import Subject
from core.settings import ConsentSettings
from tests.consent.keeping import TENANT

SYSTEMS = {
    "bot": SystemFacts("bot", frozenset({"train", "profile", "health"}), None, retired=False),
    "scorer": SystemFacts("scorer", frozenset({"profile"}), "desk", retired=False),
}
SHOWN = {"notice_version": "n1", "notice_hash": "ab" * 32, "locale": "en"}


async def _known(_: Reader, keys: list[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    return {key: True for key in keys if key[1] in SYSTEMS}


def make_notary(keyring: KeyRing) -> Notary:
    """Return a notary with fresh memory."""
    controllers = {TENANT: Controller("Acme Shop", "1 High Street, Dublin", "privacy@shop.example")}
    return Notary(keyring, ConsentSettings(), "https://c.example/", Loader(_known, absent=False), controllers)


def person(keyring: KeyRing, reference: str = "customer-1", space: str = "customer") -> Subject:
    """Return a subject of the tests' tenant."""
    return Subject(space, reference, crypto.pseudonym(keyring.pepper, TENANT, space, reference))


def how(keyring: KeyRing, reference: str = "customer-1", **changes: Any) -> Circumstances:
    """Return the circumstances of a person at the page."""
    made = Circumstances(TENANT, person(keyring, reference), "subject", "site_1", "button", "web", "site_1")
    return made._replace(**changes)


def one(purpose: str, state: str, **more: Any) -> Asked:
    """Return one requested choice with what was shown."""
    return Asked(purpose, state, **{**SHOWN, **more})


async def choose(db: Database, notary: Notary, clock: FixedClock, *asked: Asked, **changes: Any) -> Recorded:
    """Make choices in one request."""
    circumstances = how(notary.keyring, **changes)
    wanted = choices.prefetch(notary, circumstances, asked)
    return await db.transact_prefetched(wanted, choices.choose, notary, circumstances, asked, clock)


async def gate(
    db: Database,
    keyring: KeyRing,
    at: int,
    purpose: str = "train",
    system: str | None = "bot",
    reference: str = "customer-1",
) -> Answer:
    """Ask the gate from the current rows."""
    found = await store.states_of_many(db, TENANT, [person(keyring, reference).pseudonym])
    rows = by_level(found.get(person(keyring, reference).pseudonym, ()))
    catalogue = Catalogue(await db.read(facts_at, TENANT, None), SYSTEMS)
    return ask(Question(purpose, system), catalogue, rows, at, 0)


async def gate_at(
    db: Database, keyring: KeyRing, at: int, purpose: str = "train", system: str | None = "bot"
) -> Answer:
    """Ask what the gate answered at a past instant, from events alone."""
    rows = by_level(await db.read(store.states_at, TENANT, person(keyring).pseudonym, at))
    catalogue = Catalogue(await db.read(facts_at, TENANT, at), SYSTEMS)
    return ask(Question(purpose, system), catalogue, rows, at, 0)
