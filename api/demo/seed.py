"""Fills an empty database with the demo company through the ordinary services, so that its ledger tells the story.

On a clock that can be moved the story runs over a year; on any other it all happens now.
"""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from api import access
from api.auth import api_keys, customer_tokens, snapshot
from api.auth import service as auth
from api.auth.service import SiteSheet
from api.auth.tables import ApiKey, SiteTokenKey
from api.demo import chats, credit, stories
from api.demo.company import COMPANY, LANGUAGES, SITES, SYSTEMS, TENANT, DemoSite, DemoSystem
from api.demo.disclosed import CLAIMS, NOTICES, TOUCHPOINTS, drafts
from api.demo.purposes import documents
from api.state import AppState
from consent.purposes import service as purposes
from core import ids
from core.clock import DAY, FixedClock
from core.principal import Principal, Role
from disclosures import service as register
from disclosures.claims import service as claims
from disclosures.notices import service as notices
from disclosures.notices import standing
from disclosures.touchpoints import service as touchpoints

KID: Final = "demo"
_HOUR: Final = DAY // 24


@dataclass(frozen=True, slots=True)
class DemoFacts:
    """What somebody needs to play: public site keys, one API key, and the secret that vouches for customers."""

    publishable_keys: dict[str, str]  # by the site's short name
    api_key: str
    admin_key: str
    token_secrets: dict[str, str]  # base64url, by the site's short name
    token_kid: str
    customer: str = stories.MARA
    decisions: dict[str, str] = field(default_factory=dict)  # of the credit scorer, by customer

    def as_json(self) -> str:
        """Return the facts as JSON, for a demo that is kept."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "DemoFacts":
        """Read the facts of a demo that was kept."""
        return cls(**json.loads(text))


async def seed(state: AppState) -> DemoFacts:
    """Make the company in an empty database and return what is needed to use it."""
    by = auth.operator(TENANT, state.clock.now())
    await state.db.transact(auth.create_tenant, by, TENANT, COMPANY, state.clock.now())
    sites = {site.slug: await _site(state, by, site) for site in SITES}
    token_secrets = {slug: await _token_key(state, by, site_id) for slug, (site_id, _) in sites.items()}
    api_key = await _api_key(state, by, Role.SITE, "demo back-end")
    admin_key = await _api_key(state, by, Role.ADMIN, "demo administrator")
    dpo = Principal(
        tenant=TENANT,
        id="operator",
        role=Role.DPO,
        scopes=access.scopes_of(Role.DPO),
        authenticated_at=by.authenticated_at,
    )
    await _purposes(state, dpo)
    await _systems(state, dpo, SYSTEMS)
    await _disclosures(state, dpo)
    await stories.tell(state, TENANT, sites["shop"][0])
    decided = await credit.tell(state, dpo, Principal(TENANT, "demo back-end", Role.SITE))
    await chats.tell(state, TENANT, sites["shop"][0])
    keys = {slug: publishable for slug, (_, publishable) in sites.items()}
    return DemoFacts(keys, api_key, admin_key, token_secrets, KID, decisions=decided)


def pass_time(state: AppState, micros: int) -> int:
    """Let time pass where the clock can be moved, and return the present instant."""
    return state.clock.advance(micros) if isinstance(state.clock, FixedClock) else state.clock.now()


async def _site(state: AppState, by: Principal, site: DemoSite) -> tuple[str, str]:
    at = pass_time(state, _HOUR)
    site_id, publishable_key = ids.new("site", at), api_keys.new_publishable_key()
    sheet = SiteSheet(site.slug, site.name, LANGUAGES, (site.origin,))
    await state.db.transact(auth.create_site, by, site_id, publishable_key, sheet, at)
    return site_id, publishable_key


async def _token_key(state: AppState, by: Principal, site_id: str) -> str:
    at = pass_time(state, _HOUR)
    key_id, secret = ids.new("key", at), secrets.token_bytes(customer_tokens.SECRET_BYTES)
    row = SiteTokenKey(
        id=key_id,
        tenant=TENANT,
        site=site_id,
        kid=KID,
        algorithm="HS256",
        kek_id=state.keyring.kek_id,
        sealed_secret=snapshot.seal_secret(state.keyring.kek, secret, TENANT, site_id, key_id),
        created_at=at,
    )
    await state.db.transact(auth.add_token_key, by, row, at)
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


async def _api_key(state: AppState, by: Principal, role: Role, name: str) -> str:
    at = pass_time(state, _HOUR)
    key_id = ids.new("key", at)
    made = api_keys.make(key_id)
    row = ApiKey(
        id=key_id,
        tenant=TENANT,
        name=name,
        role=role.value,
        scopes=json.dumps(sorted(access.scopes_of(role))),
        digest=made.digest,
        created_at=at,
        created_by=by.id,
    )
    await state.db.transact(auth.issue_key, by, row, at)
    return made.token


async def _purposes(state: AppState, by: Principal) -> None:
    for values in documents():
        document = purposes.read_document(values)
        await state.db.transact(purposes.create, by, document, pass_time(state, _HOUR))
        await state.db.transact(purposes.publish, by, document.key, pass_time(state, _HOUR), material=True)


async def _systems(state: AppState, by: Principal, systems: Iterable[DemoSystem]) -> None:
    for system in systems:
        document = register.read_document(system.document())
        await state.db.transact(register.register, by, document, pass_time(state, _HOUR))


async def _disclosures(state: AppState, by: Principal) -> None:
    """Enter the touchpoints, publish the notices by two people, let customers in, and begin what comes next."""
    second = replace(by, id="second-reader")
    db = state.db
    for values in TOUCHPOINTS:
        await db.transact(touchpoints.enter, by, touchpoints.read_document(values), pass_time(state, _HOUR))
    for notice in NOTICES:
        await db.transact(notices.create, by, notice.document(), pass_time(state, _HOUR))
        await db.transact(notices.approve, second, notice.key, state.packs, pass_time(state, _HOUR))
        await db.transact(
            notices.publish, by, notice.key, state.packs, pass_time(state, _HOUR), material=True, later=None
        )
    for values in TOUCHPOINTS:
        await db.transact(touchpoints.move, by, values["key"], "live", pass_time(state, _HOUR), None, standing.ready)
    for values in CLAIMS:
        await db.transact(claims.make, by, claims.read_document(values), pass_time(state, _HOUR))
    for document in drafts():
        await db.transact(notices.draft, by, document, pass_time(state, _HOUR))
