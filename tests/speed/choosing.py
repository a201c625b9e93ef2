"""What is sent to ``POST /v1/choices`` when it is measured."""

import json

from tests.speed import running

PATH = "/v1/choices"
SHOWN = {"notice_version": "notice-1", "notice_hash": "ab" * 32, "locale": "en"}
KNOWN = 4000


def body(subject: str, state: str) -> str:
    """Return a request for one choice."""
    return json.dumps({"subject": subject, "choices": [{"purpose": "training", "state": state, **SHOWN}]})


def script(key: str, *, known: bool) -> str:
    """Return a wrk script: people on record renew, one after another; or every request is someone's first."""
    text = body("WHO", "renewed" if known else "given").replace("WHO", "' .. who .. '")
    who = f"'customer-' .. (n % {KNOWN})" if known else "'n' .. seed .. '-' .. n"
    seed = "local seed = os.time() .. '-' .. math.random(0, 1000000000)\n"
    return f"math.randomseed(os.time())\n{seed}" + running.script(key, PATH, who, "POST", f"'{text}'")
