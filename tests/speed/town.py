"""A database with many people in it, made quickly: what the benchmarks run against."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import access, serving
from api.auth import api_keys
from api.auth import service as auth
from api.auth.tables import ApiKey
from api.compose import database
from api.startup import keyring_of
from consent import store
from consent.purposes import service as purposes
from core import canonical, crypto, ids
from core.clock import SystemClock
from core.database import Database, Tx
from core.keys import KeyRing
from core.principal import Principal, Role
from core.settings import Settings
from disclosures import service as systems
from migrations import run as migrations

TENANT = "default"  # the embedded default's
PURPOSES = ("recommendations", "training", "chat")
SYSTEM = "recommender"
_PORTION = 5000


@dataclass(frozen=True)
class Town:
    """Where the records are, and a key that may ask."""

    env: dict[str, str]
    key: str
    people: int

    @property
    def settings(self) -> Settings:
        """Return the settings that ``env`` gives."""
        return settings_of(self.env)


def settings_of(env: dict[str, str]) -> Settings:
    """Return the settings of an environment without touching this process' own for longer than a moment."""
    before = dict(os.environ)
    os.environ.update(env)
    try:
        return Settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


def build(folder: Path, url: str, people: int) -> Town:
    """Make the schema, three purposes, one AI system, a key, and ``people`` who gave consent to all three."""
    env = {
        "CANDOR__STORE__URL": url,
        "CANDOR__STORE__KEYS_FILE": str(folder / "keys"),
        "CANDOR__STORE__CHECKPOINT_FILE": str(folder / "checkpoints"),
        "CANDOR__LIMITS__MACHINE_PER_MINUTE": "30000000",
        "CANDOR__LIMITS__CUSTOMER_PER_MINUTE": "30000000",
        "CANDOR__TELEMETRY__LOG_LEVEL": "error",
    }
    settings = settings_of(env)
    migrations.upgrade(url)
    keyring = keyring_of(settings, SystemClock())
    return Town(env, asyncio.run(_populate(settings, keyring, people)), people)


async def _populate(settings: Settings, keyring: KeyRing, people: int) -> str:
    db = database(settings)
    await db.open()
    now = SystemClock().now()
    operator = Principal(TENANT, "operator", Role.DPO)
    await serving.first_tenant(db, now)
    for key in PURPOSES:
        document = purposes.read_document(purpose(key))
        await db.transact(purposes.create, operator, document, now)
        await db.transact(purposes.publish, operator, key, now, material=True)
    await db.transact(systems.register, operator, systems.read_document(system()), now)
    token = await make_key(db, now)
    for start in range(0, people, _PORTION):
        await db.transact(settle, keyring, range(start, min(start + _PORTION, people)), now)
    await db.close()
    return token


def purpose(key: str) -> dict[str, object]:
    """Return a purpose's document."""
    return {
        "key": key,
        "texts": {"en": {"name": key, "text": f"We use what you did here for {key}."}},
        "kind": "ai_personalisation",
        "lawful_basis": "consent",
        "data_categories": ["orders"],
        "storage_locations": ["DE"],
        "retention": "P1Y",
        "mechanism": "opt_in",
    }


def system() -> dict[str, object]:
    """Return the AI system's document."""
    return {
        "key": SYSTEM,
        "name": "Recommender",
        "provider": "Us",
        "role": "deployer",
        "purposes": list(PURPOSES),
        "human_alternative": "desk",
        "owner": "shop",
        "contact": "shop team",
    }


async def make_key(db: Database, now: int) -> str:
    key_id = ids.new("key", now)
    made = api_keys.make(key_id)
    row = ApiKey(
        id=key_id,
        tenant=TENANT,
        name="bench",
        role=Role.SITE.value,
        scopes=json.dumps(sorted(access.scopes_of(Role.SITE))),
        digest=made.digest,
        created_at=now,
        created_by="operator",
    )
    await db.transact(auth.issue_key, auth.operator(TENANT, now), row, now)
    return made.token


async def settle(tx: Tx, keyring: KeyRing, numbers: range, now: int) -> None:
    """Write current rows alone: what the gate reads."""
    common: dict[str, Any] = dict.fromkeys(store.UPSERT_STATE.columns)
    common |= {"tenant": TENANT, "system": "*", "state": "given", "explicit": False, "actor": "subject", "gpc": False}
    common |= {"purpose_version": 1, "notice_version": "notice-1", "recorded_at": now}
    for number in numbers:
        subject = crypto.pseudonym(keyring.pepper, TENANT, "customer", f"customer-{number}")
        for key in PURPOSES:
            row = common | {"subject": subject, "purpose": key, "choice": ids.new("chc", now), "seq": number}
            tx.insert(store.UPSERT_STATE, tuple(row[name] for name in store.UPSERT_STATE.columns))


def as_json(value: dict[str, object]) -> str:
    """Return a body."""
    return canonical.dumps(value).decode()
