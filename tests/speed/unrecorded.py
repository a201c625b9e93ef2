"""The endpoint of choices without a database: the same schema, validation and signed receipt, and nothing is kept.

The floor of durable choices. Its collector is settled as the product's is, so that only the records differ.
"""

import gc
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from starlette.responses import Response

from api import recorded
from api.routes.choices import asked_of
from api.schemas.choices import ChoicesIn, Recorded
from consent import receipts, recording
from consent.notary import Notary
from consent.receipts import Chosen
from consent.store import Happened
from core import crypto, ids, keys
from core.clock import SystemClock
from core.database import Database, NoJournal, Reader
from core.principal import Subject
from core.settings import Settings
from disclosures import service as register
from tests.speed.town import PURPOSES, TENANT

settings = Settings()
clock = SystemClock()
keyring = keys.load(settings.store.keys_file)
notary = Notary(keyring, settings.consent, settings.serve.public_url, register.KNOWN)
numbers = count()
_digests = {hashlib.sha256(os.environ["CANDOR_FLOOR_KEY"].encode()).digest()}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read the published purposes once."""

    async def work(tx: Reader) -> object:
        return await notary.purposes.loader.fetch(tx, [(TENANT, key) for key in PURPOSES])

    db = Database(settings.database_url(), NoJournal())
    await db.open()
    app.state.purposes = await db.read(work)
    await db.close()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    yield


app = FastAPI(lifespan=lifespan)


async def tenant_of(authorization: Annotated[str, Header()]) -> str:
    """Check the key and return whose it is."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    if not any(hmac.compare_digest(digest, known) for known in _digests):
        raise HTTPException(401)
    return TENANT


@app.get("/")
async def up() -> dict[str, bool]:
    """Tell that the server is up."""
    return {"ok": True}


@app.post("/v1/choices", status_code=201, response_model=Recorded)
async def choose(request: Request, tenant: Annotated[str, Depends(tenant_of)], body: ChoicesIn) -> Response:
    """Answer as if the choices had been recorded."""
    reference = body.subject or ""
    subject = Subject("customer", reference, crypto.pseudonym(keyring.pepper, tenant, "customer", reference))
    now = clock.now()
    receipt_id = ids.new("rcp", now)
    chosen = []
    for number, one in enumerate(body.choices):
        asked = asked_of(number, one)
        published = request.app.state.purposes[tenant, asked.purpose]
        choice_id = ids.new("chc", now)
        event = Happened(
            seq=next(numbers),
            id=choice_id,
            tenant=tenant,
            subject=subject.pseudonym,
            purpose=asked.purpose,
            purpose_version=published.facts.version,
            system=asked.system,
            state=asked.state,
            explicit=False,
            actor="subject",
            actor_ref="key",
            method="api",
            channel="api",
            site=None,
            notice_version=asked.notice_version,
            notice_hash=asked.notice_hash,
            locale=asked.locale,
            jurisdiction=asked.jurisdiction,
            gpc=False,
            occurred_at=asked.occurred_at or now,
            recorded_at=now,
            valid_until=None,
            receipt=receipt_id,
            sealed=None,
        )
        chosen.append(Chosen(event, published, "ent_" + choice_id[4:], None))
    receipt = receipts.issue(notary, receipt_id, tenant, subject.public_id, chosen, now)
    made = recording.Recorded(tuple(chosen), receipt, {}, (), now)
    return Response(recorded.recorded(subject.public_id, made, gpc=False), 201, media_type="application/json")
