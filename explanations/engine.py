"""One decision, one explanation: pushed, else native, else black box, else a rule or what was recorded, else none.

A model that answers one label at a time, as language models do, is asked again with inputs changed instead.
The chain itself stands in ``attempt.py``. No transaction is open while a model is asked.
"""

from collections.abc import Callable
from typing import NamedTuple

from core import ids
from core.clock import Clock
from explanations.asking import Asker
from explanations.assembly import document
from explanations.attempt import Attempt
from explanations.canonical import Explanation
from explanations.cases import Case, Group, Policy, Step
from explanations.port import Endpoint, ModelAdapter


class Explained(NamedTuple):
    """The document and how it came about; ``reliable`` is false where a person has to explain instead."""

    explanation: Explanation
    steps: tuple[Step, ...]

    @property
    def reliable(self) -> bool:
        """Tell whether the document may be shown as an explanation."""
        return self.explanation.quality.grade != "fail"


class Engine:
    """Explains decisions of one process."""

    def __init__(self, asker: Asker, clock: Clock) -> None:
        """Ask through ``asker``."""
        self._asker = asker
        self._clock = clock

    async def explain(
        self,
        case: Case,
        endpoint: Endpoint,
        adapter: ModelAdapter,
        group: Group | None,
        policy: Policy,
        told: Callable[[int], None] | None = None,
    ) -> Explained:
        """Return the best explanation there is. Never raises ``ModelError``: what went wrong is in the steps.

        ``told`` hears after each call how many rows were asked so far.
        """
        talk = self._asker.conversation(endpoint, adapter, policy.seconds, told)
        attempt = Attempt(case, endpoint, group, policy, talk)
        found = await attempt.run()
        now = self._clock.now()
        made = document(case, endpoint, group, policy, found, id=ids.new("exp", now), at=now)
        return Explained(made, tuple(attempt.steps))


def judged(case: Case, endpoint: Endpoint, policy: Policy, at: int) -> Explanation | None:
    """Return what the producer pushed, judged as in the chain but asking nobody; nothing if it does not hold."""
    attempt = Attempt(case, endpoint, None, policy, None)
    found = attempt.pushed() or attempt.recorded()
    return None if found is None else document(case, endpoint, None, policy, found, id=ids.new("exp", at), at=at)
