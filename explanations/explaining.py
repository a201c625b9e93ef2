"""From a decision's id to its stored explanation: what is there already, at once, or by a run that takes long.

Models are asked between two transactions, never inside one. A decision whose producer pushed an explanation needs no
endpoint (ADP-04). Where an endpoint takes few rows per call, the explanation is queued and tells how far it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core import canonical, subjects
from core.clock import Clock
from core.database import Database, Reader, Tx
from core.errors import DomainError
from core.keys import KeyRing
from core.principal import Principal, Role
from explanations import correcting, registry
from explanations import service as decisions
from explanations.asking import Asker, Condition
from explanations.canonical import Explanation
from explanations.cases import Group, Policy, Step, case_of
from explanations.correcting import Corrected
from explanations.deployed import service as deployed
from explanations.deployed import store as deployed_store
from explanations.deployed.documents import EndpointDocument
from explanations.deployed.service import EndpointView
from explanations.engine import Engine, Explained, judged
from explanations.errors import ModelUnavailableError, NoEndpointError
from explanations.kept import guard
from explanations.kept import service as kept
from explanations.kept import store as kept_store
from explanations.kept.service import KeptView
from explanations.kept.store import RunRow
from explanations.narratives.picture import picture
from explanations.narratives.service import Narrated
from explanations.plans import Plan
from explanations.port import Endpoint, Row
from explanations.progress import Progress
from explanations.reasons import service as reasons
from explanations.reasons.grouping import grouped
from explanations.reasons.service import Approved
from explanations.rehearsal import Rehearsal, sample
from explanations.service import DecisionView
from explanations.telling import Teller
from explanations.trial import Trial, trial


@dataclass(frozen=True)
class Budget:
    """How long an explanation may take, in seconds: while somebody waits, and as a run."""

    seconds: float = 2.0
    run_seconds: float = 60.0


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: another reference group, a fresh explanation, not to wait; and in whose words."""

    reference_group: str | None = None
    again: bool = False
    queued: bool = False
    language: str = "en"
    jurisdiction: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return dict(vars(self))


class Given(NamedTuple):
    """What came of a wish: an explanation, made just now if ``fresh``, or a run that will make it."""

    view: KeptView | None
    run: RunRow | None
    fresh: bool


class Why(NamedTuple):
    """A decision, the stored explanation if there is one, and the document that answers."""

    view: DecisionView
    stored: KeptView | None
    document: Explanation | None


class Explainer:
    """Explains decisions of one process: breakers and bulkheads of endpoints live in its engine."""

    def __init__(
        self,
        db: Database,
        keyring: KeyRing,
        clock: Clock,
        asker: Asker,
        budget: Budget,
        teller: Teller | None = None,
    ) -> None:
        """Ask models through ``asker``, write the words by ``teller``."""
        self._teller = teller or Teller()
        self._db = db
        self._keyring = keyring
        self._clock = clock
        self._asker = asker
        self._engine = Engine(asker, clock)
        self._budget = budget

    async def explain(self, by: Principal, decision_id: str, wish: Wish) -> Given:
        """Return the explanation of a decision, or the run that will make it.

        Raises ``DecisionNotFoundError``, ``NoEndpointError``, ``NotExplainableError``,
        ``ReferenceGroupNotFoundError``.
        """
        plan = await self._db.read(self._plan, by.tenant, decision_id, wish)
        if plan.earlier is not None and not wish.again and plan.fits(plan.earlier):
            return Given(plan.earlier, None, fresh=False)
        made = None if wish.queued or plan.is_long else await self._asked(plan, self._budget.seconds)
        if made is None or _too_slow(made):
            row = await self._db.transact(kept.begin, by, decision_id, wish.document(), plan.rows, self._clock.now())
            return Given(None, row, fresh=True)
        told = await self._teller.told(made.explanation, plan.view, plan.approved, wish.language)
        view = await self._db.transact(self._keep, by, plan, told, made.steps, None)
        return Given(view, None, fresh=True)

    async def _keep(
        self, tx: Tx, by: Principal, plan: Plan, told: Narrated, steps: Sequence[Step], run: str | None
    ) -> KeptView | None:
        """Store what was found, with an alarm where it had to be stopped; for a run only if it has not ended."""
        now, subject = self._clock.now(), plan.view.row.subject
        if run is not None and not await kept_store.finish(tx, run, told.explanation.id, None, now):
            return None
        view = await kept.keep(tx, self._keyring, by, subject, told.explanation, steps, now)
        dek = await subjects.known_key(tx, self._keyring, by.tenant, subject)
        if dek is not None:
            await guard.alert(tx, by.tenant, told.explanation, told.ranked, plan.approved, dek, now)
        return view

    async def work(self, payload: dict[str, Any]) -> None:
        """Do a queued run, as a job: harmless twice, and an end is noted whatever happens."""
        row = await self._db.read(kept.run, payload["tenant"], payload["run"])
        if row.finished_at is not None:
            return
        by = Principal(row.tenant, row.requested_by, Role.SITE)
        progress = Progress(self._db, row.id)
        try:
            wish = Wish(**canonical.loads(row.wish))
            plan = await self._db.read(self._plan, row.tenant, row.decision, wish)
            await progress.started()
            made = await self._asked(plan, self._budget.run_seconds, progress.tell)
            await progress.settled()
            told = await self._teller.told(made.explanation, plan.view, plan.approved, wish.language)
            await self._db.transact(self._keep, by, plan, told, made.steps, row.id)
        except DomainError as error:
            await progress.settled()
            await self._db.transact(kept_store.finish, row.id, None, error.code, self._clock.now())

    async def _asked(self, plan: Plan, seconds: float, told: Callable[[int], None] | None = None) -> Explained:
        adapter = registry.adapter(plan.endpoint)
        policy = Policy(**{**vars(plan.policy), "seconds": seconds})
        return await self._engine.explain(plan.case, plan.endpoint, adapter, plan.group, policy, told)

    async def _plan(self, tx: Reader, tenant: str, decision_id: str, wish: Wish) -> Plan:
        view = await decisions.view(tx, self._keyring, tenant, decision_id)
        endpoint, document = await self._endpoint(tx, view)
        group = await self._group(tx, tenant, wish, document)
        policy = Policy() if document is None else document.policy(self._budget.seconds)
        approved = await self._teller.approved(tx, view, wish.jurisdiction)
        earlier = await kept.latest(tx, self._keyring, tenant, decision_id)
        return Plan(view, case_of(view, endpoint), endpoint, group, grouped(policy, approved), approved, earlier)

    async def _endpoint(self, tx: Reader, view: DecisionView) -> tuple[Endpoint, EndpointDocument | None]:
        """Return where the model that decided is served. Raises ``NoEndpointError``."""
        row = view.row
        found = await deployed.serving(tx, self._keyring, row.tenant, row.system, row.model, row.model_version)
        if found is not None:
            return deployed.port_of(self._keyring, found), found.document
        told = view.personal or {}
        if not told.get("explanation") and not told.get("evidence"):
            raise NoEndpointError
        return Endpoint("pushed", "", tuple((told.get("explanation") or {}).get("shap_values") or ())), None

    async def _group(self, tx: Reader, tenant: str, wish: Wish, document: EndpointDocument | None) -> Group | None:
        if wish.reference_group is not None:
            return deployed.compared(self._keyring, await deployed.group(tx, tenant, wish.reference_group))
        if document is None or document.reference_group is None:
            return None
        row = await deployed_store.group(tx, tenant, document.reference_group)
        return None if row is None else deployed.compared(self._keyring, row)

    async def why(self, tenant: str, decision_id: str, language: str = "en") -> "Why":
        """Return a decision and what is there to say of it at once, in a language; no model is asked.

        That is the newest stored explanation, else what the producer pushed. Raises ``DecisionNotFoundError``.
        """
        view, stored, found, approved = await self._db.read(self._known, tenant, decision_id)
        if stored is not None and stored.document is not None:
            return Why(view, stored, (await self._teller.retold(stored.document, view, approved, language)).explanation)
        if stored is not None or found is None:
            return Why(view, stored, None)
        endpoint, document = found
        policy = Policy() if document is None else document.policy(self._budget.seconds)
        made = judged(case_of(view, endpoint), endpoint, grouped(policy, approved), self._clock.now())
        if made is None:
            return Why(view, None, None)
        return Why(view, None, (await self._teller.told(made, view, approved, language, plain=True)).explanation)

    async def _known(
        self, tx: Reader, tenant: str, decision_id: str
    ) -> tuple[DecisionView, KeptView | None, tuple[Endpoint, EndpointDocument | None] | None, Approved | None]:
        view = await decisions.view(tx, self._keyring, tenant, decision_id)
        stored = await kept.latest(tx, self._keyring, tenant, decision_id)
        if stored is not None and stored.document is not None:
            return view, stored, None, await reasons.of_explanation(tx, tenant, stored.document.reason_codes)
        told = view.personal or {}
        if stored is not None or not (told.get("evidence") or (told.get("explanation") and told.get("inputs"))):
            return view, stored, None, None
        return view, None, await self._endpoint(tx, view), await self._teller.approved(tx, view, None)

    async def retold(self, tenant: str, explanation_id: str, language: str) -> tuple[Explanation, str | None] | None:
        """Return a stored explanation with its words in a language and its chart; nothing after an erasure.

        The facts and the hash stay. Raises ``ExplanationNotFoundError``.
        """
        found = await self._db.read(self._stored, tenant, explanation_id)
        if found is None:
            return None
        document, view, approved = found
        if document.narrative is None or document.narrative.lang != language:
            document = (await self._teller.retold(document, view, approved, language)).explanation
        return document, picture(document, approved, language)

    async def _stored(
        self, tx: Reader, tenant: str, explanation_id: str
    ) -> tuple[Explanation, DecisionView, Approved | None] | None:
        stored = await kept.view(tx, self._keyring, tenant, explanation_id)
        if stored.document is None:
            return None
        view = await decisions.view(tx, self._keyring, tenant, stored.row.decision)
        return stored.document, view, await reasons.of_explanation(tx, tenant, stored.document.reason_codes)

    async def asked_again(self, tenant: str, decision_id: str, inputs: Row) -> Corrected:
        """Ask a decision's model once more with corrected inputs; nothing is recorded.

        Raises ``DecisionNotFoundError``, ``NoEndpointError``, ``ModelError``, ``InvalidError``.
        """

        async def work(tx: Reader) -> tuple[DecisionView, Endpoint]:
            view = await decisions.view(tx, self._keyring, tenant, decision_id)
            return view, (await self._endpoint(tx, view))[0]

        view, endpoint = await self._db.read(work)
        return await correcting.ask(self._asker, endpoint, view, inputs, self._budget.seconds)

    async def rehearse(self, tenant: str, endpoint_id: str, row: Row, threshold: float | None = None) -> Rehearsal:
        """Explain a made-up decision as a real one would be; nothing is recorded. Raises ``EndpointNotFoundError``.

        ``threshold`` is where the outcome turns: with it changes are looked for too.
        """

        async def work(tx: Reader) -> tuple[EndpointView, Group | None, Approved | None]:
            found = await deployed.view(tx, self._keyring, tenant, endpoint_id)
            group = await self._group(tx, tenant, Wish(), found.document)
            return found, group, await reasons.in_force(tx, tenant, found.document.system, None)

        found, group, approved = await self._db.read(work)
        endpoint = deployed.port_of(self._keyring, found)
        adapter = registry.adapter(endpoint)
        tried = await trial(self._asker, endpoint, adapter, row, self._budget.seconds)
        if tried.output is None:
            return Rehearsal(tried, None)
        case = sample(found.document.model, endpoint, tried, row, threshold)
        policy = grouped(found.document.policy(self._budget.run_seconds), approved)
        made = await self._engine.explain(case, endpoint, adapter, group, policy)
        return Rehearsal(tried, made, await self._teller.rehearsed(made.explanation, found.document.system, approved))

    def condition(self, url: str) -> Condition:
        """Tell how an endpoint has answered this process lately."""
        return self._asker.condition(url)

    async def test(self, tenant: str, endpoint_id: str, row: Row) -> Trial:
        """Ask an endpoint one row, and its explainer if it has one. Raises ``EndpointNotFoundError``."""
        found = await self._db.read(deployed.view, self._keyring, tenant, endpoint_id)
        endpoint = deployed.port_of(self._keyring, found)
        return await trial(self._asker, endpoint, registry.adapter(endpoint), row, self._budget.seconds)


def _too_slow(made: Explained) -> bool:
    """Tell whether more time may help: the model did not answer well while somebody waited."""
    return not made.reliable and any(step.outcome == ModelUnavailableError.code for step in made.steps)
