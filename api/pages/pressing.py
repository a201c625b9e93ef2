"""What happens when a button is pressed: checked against what was shown, recorded in one transaction.

What was shown goes along: the edition of the words, the language, and the SHA-256 of the exact text (GDPR Art. 7(1)).
"""

from collections.abc import Mapping
from typing import NamedTuple

from api.pages import acts
from consent import choices, store
from consent.asked import Asked, Circumstances
from consent.lifecycle import ALL
from consent.notary import Notary
from consent.purposes.published import Published
from consent.recording import Recorded
from consent.store import Present
from core.clock import MICROS, Clock
from core.database import Tx
from core.errors import ConflictError

_HOUR = 3600 * MICROS


class TextChangedError(ConflictError):
    """The text that was shown is not the one in force any more."""

    code = "text-changed"
    title = "The text has changed since it was shown."
    advice = "Open the choices page again, read the new text and decide on it."


class Shown(NamedTuple):
    """What the person had before her eyes when she pressed."""

    notice_version: str
    notice_hash: str
    locale: str


class Pressed(NamedTuple):
    """What came of it: the choice's id, or None where all stood so already; ``pending`` asks for the second step."""

    choice: str | None
    pending: bool = False


async def press_use(
    tx: Tx,
    notary: Notary,
    how: Circumstances,
    clock: Clock,
    button: tuple[str, str],
    version: int,
    shown: Shown,
    confirms: str | None,
) -> Pressed:
    """Record the answer to one use of AI; ``button`` is purpose and answer. Raises ``TextChangedError``."""
    purpose, answer = button
    published = await tx.load(notary.purposes.loader, (how.tenant, purpose))
    if published is None or published.facts.retired or published.facts.version != version:
        raise TextChangedError
    row = (await _rows(tx, how)).get((purpose, ALL))
    if row is None and how.gpc and _falls_under_the_signal(published):
        # the signal comes first: what it turned off can then be turned on again in its presence
        await choices.honour(tx, notary, how, clock)
        row = (await _rows(tx, how)).get((purpose, ALL))
    at = clock.now()
    if confirms is not None and answer == "yes":
        wanted: str | None = "explicitly_given"
    else:
        confirms, wanted = None, acts.for_use(answer, row, published, at)
    if wanted is None:
        return Pressed(None)
    if wanted == "requested" and acts.confirmable(row, at - notary.settings.second_step_hours * _HOUR):
        return Pressed(None if row is None else row.choice, pending=True)
    asked = Asked(purpose, wanted, ALL, confirms, *shown)
    recorded = await choices.choose(tx, notary, how, [asked], clock, "")
    return Pressed(_choice_of(recorded), wanted == "requested")


async def press_wide(
    tx: Tx, notary: Notary, how: Circumstances, clock: Clock, system: str, answer: str, shown: Shown
) -> Pressed:
    """Record the answer about all AI (``system`` is ``*``) or about one AI system with all its uses."""
    wanted = acts.for_all(answer, (await _rows(tx, how)).get((ALL, system)))
    if wanted is None:
        return Pressed(None)
    recorded = await choices.choose(tx, notary, how, [Asked(ALL, wanted, system, None, *shown)], clock, "")
    return Pressed(_choice_of(recorded))


def _falls_under_the_signal(published: Published) -> bool:
    return published.gpc and published.facts.mechanism != "opt_in"


def _choice_of(recorded: Recorded) -> str:
    return recorded.chosen[0].event.id


async def _rows(tx: Tx, how: Circumstances) -> Mapping[tuple[str, str], Present]:
    found = await tx.load(store.PRESENT, (how.tenant, how.subject.pseudonym))
    return {(row.purpose, row.system): row for row in found}
