"""The conformance kit of desks: what every adapter must hold, for anyone to run against his own.

Hand ``faults`` a trial: what the desk answers, and deliveries as it signs them. It returns sentences, none if all is
well. Nothing is asked over a network.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from core.errors import DomainError
from handoff.delivery.walking import NOT_UNDERSTOOD
from handoff.errors import BadSignatureError, DeskFailedError
from handoff.packs import PARTS
from handoff.port import Brief, Call, Desk, Erasing, Hook, Letter, OutMessage, Remote, RemoteEvent, Reply, Setup, Walk

KEY = "hnd_" + "7" * 32
NOW = 1_795_000_000.0
_CANARY = "a-secret-the-agent-wrote"
PACK = {
    "reason": {"trigger": "explicit", "rule": "asked/1"},
    "language": "es",
    "withheld": {"choices": "not-permitted:marketing"},
    **{name: [] for name in PARTS},
    "transcript": [{"speaker": "customer", "text": "--- why?", "at": None}, {"speaker": "ai", "text": "Let me see"}],
}
BRIEF = Brief(KEY, "K7QM-4TEX", "sub-0f0f0f0f0f0f", "es", "live", 0, PACK)


@dataclass(frozen=True)
class Trial:
    """One desk's answers. ``opening`` answers the calls of ``open`` in order, ``sending`` and ``closing`` theirs.

    Deliveries are ``accepted``, ``message``, ``note`` (private: must tell nothing), ``resolved``, ``forged`` (a good
    delivery with a signature by another key) and, where the desk says when it sent, ``stale``.
    """

    make: Callable[[Setup], Desk]
    setup: Setup
    opening: Sequence[object]
    remote: str
    sending: Sequence[object] = ({},)
    closing: Sequence[object] = ({},)
    missing: object | None = None
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    text: str = "Good morning"


def reply(said: object) -> Reply:
    """Return a good answer in JSON; a ``Reply`` is itself."""
    if isinstance(said, Reply):
        return said
    return Reply(200, {"content-type": "application/json"}, orjson.dumps(said))


def walked(walk: Walk[object], answers: Sequence[object]) -> tuple[object, list[Call | Letter]]:
    """Walk an operation over prepared answers; return its result and the calls it made."""
    made: list[Call | Letter] = []
    left = iter(answers)
    try:
        step = next(walk)
        while True:
            made.append(step)
            step = walk.send(reply(next(left, {})))
    except StopIteration as end:
        return end.value, made


def faults(trial: Trial) -> list[str]:
    """Return what the adapter does not hold."""
    desk = trial.make(trial.setup)
    return [*_opening(trial, desk), *_refusals(trial, desk), *_speaking(trial, desk), *_deliveries(trial, desk)]


def _opening(trial: Trial, desk: Desk) -> list[str]:
    found: list[str] = []
    if trial.missing is not None and walked(desk.find(KEY), [trial.missing])[0] is not None:
        found.append("find finds a case that is not there")
    made, calls = walked(desk.open(BRIEF), trial.opening)
    if not isinstance(made, Remote) or made.id != trial.remote:
        found.append(f"open returns {made!r}")
    sent = [str(one) for one in calls]
    if not any(KEY in one for one in sent):
        found.append("our key is in none of the calls: the case can't be found again")
    urls = [one.url for one in calls if isinstance(one, Call)]
    if any(secret and secret in url for secret in trial.setup.secrets.values() for url in urls):
        found.append("a secret is in a URL")
    if any("customer@" in one or "Ana" in one for one in sent):
        found.append("more is told of the customer than a pseudonym")
    return found


def _refusals(trial: Trial, desk: Desk) -> list[str]:
    found: list[str] = []
    if trial.setup.url.startswith("smtp"):
        return found  # mail servers have numbers of their own
    for status, permanent, after in ((429, False, 7.0), (503, False, None), (400, True, None), (401, True, None)):
        headers = {"retry-after": "7"} if status == 429 else {}
        said = Reply(status, headers, b"{}")
        try:
            walked(desk.open(BRIEF), [said] * 12)
        except DeskFailedError as error:
            if error.permanent != permanent or error.after != after:
                found.append(f"{status} is taken as permanent={error.permanent}, after={error.after}")
        except DomainError as error:
            found.append(f"{status} raises {type(error).__name__}")
        else:
            found.append(f"{status} is taken for success")
    return [*found, *_lies(desk)]


def _lies(desk: Desk) -> list[str]:
    """200 is not success: an error, a page or nothing of what was asked must not become a case."""
    found: list[str] = []
    for lie in ({"error": "no"}, Reply(200, {"content-type": "text/html"}, b"<html>Sign in</html>")):
        try:
            made, _ = walked(desk.open(BRIEF), [lie] * 12)
        except (DeskFailedError, *NOT_UNDERSTOOD):
            continue
        found.append(f"200 with {reply(lie).body!r} becomes the case {made!r}")
    return found


def _speaking(trial: Trial, desk: Desk) -> list[str]:
    found = []
    made, _ = walked(desk.open(BRIEF), trial.opening)
    if not isinstance(made, Remote):
        return ["open returns nothing to speak to"]
    _, calls = walked(desk.send(made, OutMessage("where is my refund?"), f"{KEY}-5"), trial.sending)
    if not any("where is my refund?" in _shown(one) for one in calls):
        found.append("the customer's words are not sent")
    _, calls = walked(desk.close(made, "customer left", f"{KEY}-close"), trial.closing)
    if not calls:
        found.append("close does nothing")
    if isinstance(desk, Erasing) and not walked(desk.erase(made, f"{KEY}-erase"), trial.closing)[1]:
        found.append("erase does nothing")
    return found


def _shown(step: Call | Letter) -> str:
    from urllib.parse import unquote_plus  # noqa: PLC0415 -- forms are read here only

    return step.text if isinstance(step, Letter) else unquote_plus((step.body or b"").decode())


def _deliveries(trial: Trial, desk: Desk) -> list[str]:
    found: list[str] = []
    found += [
        f"a {name} delivery is believed"
        for name in ("forged", "stale")
        if name in trial.hooks and not _refused(desk, trial.hooks[name])
    ]
    unset = trial.make(Setup(trial.setup.key, trial.setup.url, trial.setup.options, {}, trial.setup.now))
    if "message" in trial.hooks and not _refused(unset, trial.hooks["message"]):
        found.append("without a secret deliveries are believed")
    for name in ("accepted", "message", "resolved"):
        if name in trial.hooks:
            found += _understood(name, [event for _, event in desk.receive(trial.hooks[name])], trial.text)
    for name in set(trial.hooks) - {"forged", "stale"}:
        first, again = (desk.receive(trial.hooks[name]) for _ in range(2))
        if [event.key for _, event in first] != [event.key for _, event in again]:
            found.append(f"a delivery of {name} that comes twice counts twice")
    if "note" in trial.hooks and _CANARY in repr(desk.receive(trial.hooks["note"])):
        found.append("a private note reaches the customer")
    return found


def _understood(name: str, events: Sequence[RemoteEvent], text: str) -> list[str]:
    found = [] if name in {event.kind for event in events} else [f"a delivery of {name} gives {events}"]
    if name == "accepted" and not any(event.actor for event in events):
        found.append("accepted names nobody")
    if name == "message" and not _told(events, text):
        found.append("the words of a message are lost")
    return found


def _told(events: Sequence[RemoteEvent], text: str) -> bool:
    return any(event.kind == "message" and event.text == text for event in events)


def _refused(desk: Desk, hook: Hook) -> bool:
    try:
        desk.receive(hook)
    except BadSignatureError:
        return True
    return False


NOTE = _CANARY
