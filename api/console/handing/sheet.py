"""What the forms about desks and queues say, held to what the API asks of the same things. Pure.

Options and secrets are written a line each, ``name = value``; a day's hours as ``09:00-13:00, 14:00-18:00``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.console.fields import held, lines_of, pointer_to
from api.schemas.desks import DeskIn
from api.schemas.queues import QueueIn
from core.errors import InvalidError
from handoff.hours import DAYS
from handoff.queues import QueueRules

MODES: Final = ("live", "ticket", "callback")
NUMBERS: Final = (
    "target_seconds", "threshold_seconds", "offer_seconds", "relax_seconds", "wait_limit_seconds", "desk_seconds",
    "slot_minutes", "reopen_days", "offers_before_broadcast",
)  # fmt: skip
LISTS: Final = ("languages", "skills", "chain")
_TURNS: Final = ("confidence_turns", "failures", "sentiment_turns")
_SCORES: Final = ("confidence", "sentiment")  # in hundredths on the page
_SIGNALS: Final = tuple(f"thresholds-{name}" for name in (*_SCORES, *_TURNS))
_ALONE: Final = ("name", "threshold_share", "zone", "holidays", "closed", "lawful")
QUEUE_FIELDS: Final = (*_ALONE, *LISTS, *NUMBERS, *DAYS, *_SIGNALS)
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SCORE: Final = re.compile(r"-?[0-9]{1,3}")
_SPAN: Final = re.compile(r"([0-9:]{5}) ?[-\u2013] ?([0-9:]{5})")


def is_key(text: str) -> bool:
    """Tell whether a desk or a queue may be called so."""
    return _KEY.fullmatch(text) is not None


def desk_of(form: Mapping[str, str]) -> DeskIn:
    """Return what a form says of a desk; without secrets those there are stay. Raises ``InvalidError``."""
    told: dict[str, Any] = {
        "kind": form["kind"].strip(),
        "url": form["url"].strip(),
        "modes": [mode for mode in MODES if form.get(f"mode-{mode}") == "yes"],
        "options": pairs_of(form["options"], "options"),
    }
    if form["secrets"].strip():
        told["secrets"] = pairs_of(form["secrets"], "secrets")
    return held(DeskIn, told, _pointer)


def pairs_of(text: str, name: str) -> dict[str, str]:
    """Return names and values, one pair a line. Raises ``InvalidError``; what was written is not repeated."""
    found = {}
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        key, mark, value = line.partition("=")
        if not mark:
            raise InvalidError.field(f"/{name}", f"line {number}: write name = value")
        found[key.strip()] = value.strip()
    return found


def pairs_in(found: Mapping[str, str]) -> str:
    """Return pairs as a person edits them."""
    return "\n".join(f"{name} = {value}" for name, value in found.items())


def queue_of(form: Mapping[str, str]) -> QueueIn:
    """Return what a form says of a queue. Raises ``InvalidError``."""
    told: dict[str, Any] = {"name": form["name"].strip(), "lawful": pairs_of(form["lawful"], "lawful")}
    told |= {name: lines_of(form[name]) for name in LISTS}
    told |= {name: _whole(name, form[name]) for name in NUMBERS}
    told["threshold_share"] = _whole("threshold_share", form["threshold_share"]) / 100
    told["hours"] = {
        "zone": form["zone"].strip(),
        "weekly": {day: spans for day in DAYS if (spans := _spans(day, form[day]))},
        "holidays": form["holidays"].strip() or None,
        "closed": lines_of(form["closed"]),
    }
    told["thresholds"] = {name: _hundredths(f"thresholds-{name}", form) for name in _SCORES}
    told["thresholds"] |= {name: _whole(f"thresholds-{name}", form[f"thresholds-{name}"]) for name in _TURNS}
    return held(QueueIn, told, _pointer)


def queue_fields(rules: QueueRules) -> dict[str, Any]:
    """Return a queue as it stands in the form."""
    hours = rules.hours
    told: dict[str, Any] = {name: getattr(rules, name) for name in ("name", *NUMBERS)}
    told |= {name: ", ".join(getattr(rules, name)) for name in LISTS}
    told["threshold_share"] = round(100 * rules.threshold_share)
    told |= {"zone": hours.zone, "holidays": hours.holidays or "", "closed": "\n".join(sorted(hours.closed))}
    told |= {"lawful": pairs_in(rules.lawful), "revision": rules.version}
    told |= {f"thresholds-{name}": round(100 * getattr(rules.thresholds, name)) for name in _SCORES}
    told |= {f"thresholds-{name}": getattr(rules.thresholds, name) for name in _TURNS}
    return told | {day: ", ".join("-".join(span) for span in hours.weekly.get(day, ())) for day in DAYS}


def _spans(day: str, text: str) -> list[list[str]]:
    found = []
    for part in lines_of(text):
        span = _SPAN.fullmatch(part)
        if span is None:
            raise InvalidError.field(f"/{day}", "write spans such as 09:00-13:00, 14:00-18:00")
        found.append([span[1], span[2]])
    return found


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.strip().isdigit() and len(text) <= 9):
        raise InvalidError.field(f"/{name}", "a whole number")
    return int(text)


def _hundredths(name: str, form: Mapping[str, str]) -> float:
    if not _SCORE.fullmatch(form[name].strip()):
        raise InvalidError.field(f"/{name}", "a whole number, of 100")
    return int(form[name]) / 100


def _pointer(place: Sequence[object]) -> str:
    """Return the form's field: a day's hours have fields of their own."""
    return of_form(pointer_to(place))


def of_form(pointer: str) -> str:
    """Return a pointer into the form for one into the queue's rules."""
    return pointer.removeprefix("/hours").replace("/weekly/", "/", 1)
