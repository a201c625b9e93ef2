"""A process beside the server that writes to the same records: ``give SUBJECT`` or ``withdraw SUBJECT`` on its input.

Each act is answered with ``done`` once it is committed.
"""

import asyncio
import sys

from api.compose import compose
from api.startup import keyring_of
from consent import choices
from consent.asked import Asked, Circumstances
from core import crypto
from core.clock import SystemClock
from core.principal import Subject
from core.settings import Settings
from tests.journeys.running import SHOWN
from tests.speed.town import TENANT

_STATES = {"give": "given", "withdraw": "withdrawn"}


async def write() -> None:
    """Do what is asked, line by line, until the input ends."""
    settings, clock = Settings(), SystemClock()
    keyring = keyring_of(settings, clock)
    state = compose(settings, clock, keyring, with_jobs=False)
    await state.db.open()
    print("ready", flush=True)
    for line in sys.stdin:  # nothing else runs on this loop, so that waiting here holds nobody up
        verb, reference = line.split()
        subject = Subject("customer", reference, crypto.pseudonym(keyring.pepper, TENANT, "customer", reference))
        asked = Asked("training", _STATES[verb])
        if verb == "give":
            asked = asked._replace(
                notice_version=SHOWN["notice_version"], notice_hash=SHOWN["notice_hash"], locale=SHOWN["locale"]
            )
        await state.db.transact(choices.choose, state.notary, Circumstances(TENANT, subject, "subject"), [asked], clock)
        print("done", flush=True)
    await state.db.close()


if __name__ == "__main__":
    asyncio.run(write())
