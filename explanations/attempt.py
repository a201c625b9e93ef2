"""The chain for one decision: each way is tried in turn and judged by the quality gates; what fails is never shown.

Before anything is asked afresh the logged input is asked again: a model that answers otherwise is not the one that
decided, and no attribution of it is passed off as an explanation (GDPR Art. 15(1)(h), AI Act Art. 86).
"""

from collections.abc import Sequence
from hashlib import sha256

from explanations import gates
from explanations.ablation import ablate
from explanations.asking import Conversation
from explanations.blackbox import Cells, Plan, players_of, shapley
from explanations.cases import Case, Group, Policy, Step
from explanations.errors import GateFailedError, ModelChangedError, ModelError, NotSupportedError
from explanations.findings import (
    Checks,
    Found,
    Tally,
    from_altered,
    from_estimate,
    from_evidence,
    from_native,
    nothing,
    with_flags,
)
from explanations.parts import Flag, Quality
from explanations.port import Endpoint, Native
from explanations.recourse import Search, Tried


def _seed(decision: str) -> int:
    """Return the seed of a decision: the same explanation again for the same decision."""
    return int.from_bytes(sha256(decision.encode()).digest()[:4], "big")


class Attempt:
    """The chain for one decision; without ``talk`` only what was pushed can be judged."""

    def __init__(
        self, case: Case, endpoint: Endpoint, group: Group | None, policy: Policy, talk: Conversation | None
    ) -> None:
        self.case, self.endpoint, self.group, self.policy, self._talk = case, endpoint, group, policy, talk
        self.steps: list[Step] = []
        self.flags: list[Flag] = []
        self.rejected: list[Flag] = []  # of explanations that are not shown: said only where none is
        self.rules: Native | None = None
        self.higher = endpoint.direction != "higher_is_favourable"
        self.replayed: bool | None = None

    @property
    def talk(self) -> Conversation:
        if self._talk is None:
            raise NotSupportedError
        return self._talk

    def pushed(self) -> Found | None:
        """Take what the producer said at decision time, if it holds."""
        if self.case.pushed is None:
            return None
        try:
            return self._used("pushed", self._pushed(self.case.pushed))
        except ModelError as error:
            self._failed("pushed", error)
        return None

    async def run(self) -> Found:
        """Try each way in turn."""
        if (found := self.pushed()) is not None:
            return found
        try:
            predicted = await self._replay()
        except ModelError as error:
            self._failed("replay", error)
            return self.recorded() or self._none()
        if self.endpoint.space == "label" and self.talk.is_one_at_a_time:
            return await self._by_asking_again(predicted)
        try:
            return self._used("native", await self._native(predicted))
        except ModelError as error:
            self._failed("native", error)
        try:
            return self._used("blackbox", await self._blackbox())
        except ModelError as error:
            self._failed("blackbox", error)
        if self.rules is not None:
            return self._used("rule", self._rule(self.rules))
        return self.recorded() or self._none()

    def recorded(self) -> Found | None:
        """Take what was on record when a language model decided; it outlives the model."""
        if self.case.evidence is None:
            return None
        return self._used("llm_evidence", from_evidence(self.case.evidence, self._tally()))

    def _tally(self) -> Tally:
        talk = self._talk
        if talk is None:
            return Tally(0, 0, None, self.replayed, tuple(self.flags))
        return Tally(talk.calls, talk.rows, talk.version, self.replayed, tuple(self.flags))

    def _used(self, way: str, found: Found) -> Found:
        self.steps.append(Step(way, "used", ""))
        return found._replace(quality=self._guarded(found))

    def _failed(self, way: str, error: ModelError) -> None:
        self.steps.append(Step(way, error.code, error.detail))
        if isinstance(error, GateFailedError):
            self.rejected.append(error.flag)

    def _guarded(self, found: Found) -> Quality:
        """Flag a protected input among the reasons: the letter stops there, nothing moves up in its place."""
        ranking = gates.adverse_first(found.attributions, higher_is_adverse=self.higher)
        told = gates.reasons(ranking, found.attributions, self.policy.top, higher_is_adverse=self.higher)
        told += [source.ref for source in found.sources[: self.policy.top]]
        members = {name: self.policy.groups.get(name, (name,)) for name in told}
        kinds = {self.policy.sensitivity.get(one, "normal") for names in members.values() for one in names}
        flags: list[Flag] = ["prohibited_in_topk"] if "protected" in kinds else []
        flags += ["withheld_parts"] if "secret" in kinds else []
        return with_flags(found.quality, *flags)

    def _pushed(self, native: Native) -> Found:
        """Take what the producer said at decision time, if it adds up."""
        predicted = self.case.output if native.output is None else native.output
        logged = self.case.output
        if predicted is not None:
            against = predicted if logged is None else logged
            if fault := gates.native_fault(native, self.endpoint, against):
                raise GateFailedError(fault)
        if not native.attributions and not native.rules:
            raise NotSupportedError
        return from_native(native, self._tally(), "pushed", native.output, "C")

    async def _replay(self) -> float:
        """Ask the logged input again. Raises ``ModelChangedError`` if the answer or the version is another."""
        [predicted] = await self.talk.predict([self.case.inputs])
        version = self.talk.version or self.endpoint.version
        if version is not None and version != self.case.version:
            self.flags.append("version_changed")
            raise ModelChangedError("Another version of the model is deployed now.")
        self.replayed = gates.replay(self.case.output, predicted)
        if self.replayed is False:
            self.flags.append("replay_mismatch")
            raise ModelChangedError("It answers the same question differently now.")
        return predicted

    async def _native(self, predicted: float) -> Found:
        """Ask the server to explain, and believe it only if its own predictions bear it out."""
        native = await self.talk.explain(self.case.inputs)
        if native is None:
            raise NotSupportedError
        if not native.attributions:
            self.rules = native if native.rules else None
            raise NotSupportedError("It answers a rule, not what each input did.")
        if fault := gates.native_fault(native, self.endpoint, predicted):
            raise GateFailedError(fault)
        ranking = gates.adverse_first(native.attributions, higher_is_adverse=self.higher)
        told = gates.reasons(ranking, native.attributions, self.policy.top, higher_is_adverse=self.higher)
        told = gates.weighty(told, native.attributions)
        checked = None
        if self.group is not None and native.space in (None, self.endpoint.space):
            checked, _ = await self._direction(told, told, dict(native.attributions), predicted)
            if checked is False:
                raise GateFailedError("direction_failed")
        error = gates.additivity_error(native.base, native.output, native.attributions)
        grade = gates.grade(replayed=self.replayed, separated=None, direction=checked, additivity=error)
        output = predicted if native.output is None else native.output
        return from_native(native, self._tally(), "native", output, grade, direction=checked, space=self.endpoint.space)

    async def _cells(self, rows: Sequence[Cells]) -> list[float]:
        features = self.endpoint.features
        return await self.talk.predict([dict(zip(features, row, strict=True)) for row in rows])

    def _row(self) -> Cells:
        try:
            return tuple(self.case.inputs[feature] for feature in self.endpoint.features)
        except KeyError:
            raise NotSupportedError("The decision's inputs are not those of the configured model.") from None

    def _reference(self) -> list[Cells]:
        if self.group is None:
            raise NotSupportedError("No reference group is configured.")
        try:
            return [tuple(row[feature] for feature in self.endpoint.features) for row in self.group.rows]
        except KeyError:
            raise NotSupportedError("The reference group lacks some of the model's inputs.") from None

    def _players(self) -> dict[str, tuple[int, ...]]:
        return players_of(self.endpoint.features, self.policy.groups)

    async def _blackbox(self) -> Found:
        """Work it out from predictions alone."""
        plan = Plan(_seed(self.case.decision), self.policy.top, self.policy.walks, self.higher)
        made = await shapley(self._row(), self._reference(), self._players(), self._cells, plan)
        told = gates.reasons(made.ranking, made.values, self.policy.top, higher_is_adverse=self.higher)
        sure = [name for name in told if abs(made.values[name]) > 2 * made.errors[name]]
        checked, together = await self._direction(sure, told, made.values, made.output)
        if checked is False:
            raise GateFailedError("direction_failed")
        closed = (
            None
            if together is None
            else gates.gap_closed(made.output, made.base, together, higher_is_adverse=self.higher)
        )
        enough = gates.sufficient(closed, together, self.case.threshold, higher_is_adverse=self.higher)
        tried = await self._recourse()
        checks = Checks(checked, closed, enough)
        rules = () if self.rules is None else self.rules.rules
        return from_estimate(made, self._tally(), plan, checks, tried)._replace(rules=rules)

    async def _direction(
        self, sure: Sequence[str], told: Sequence[str], values: dict[str, float], output: float
    ) -> tuple[bool | None, float | None]:
        """Set each sure reason alone, then all that are told together, to the reference group's values and ask.

        Returns whether the output moves as claimed for each, and what it is with all of them changed.
        """
        if not told:
            return None, None
        row, reference, players = self._row(), self._reference(), self._players()
        sets = [players[name] for name in sure]
        sets.append(tuple(place for name in told for place in players[name]))
        asked = [
            tuple(other[place] if place in places else row[place] for place in range(len(row)))
            for places in sets
            for other in reference
        ]
        answers = await self._cells(asked)
        size = len(reference)
        means = [sum(answers[n * size : (n + 1) * size]) / size for n in range(len(sets))]
        right = [(output > mean) == (values[name] > 0) for name, mean in zip(sure, means, strict=False)]
        return (all(right) if right else None), means[-1]

    async def _recourse(self) -> list[Tried]:
        """Look for what would have turned the outcome; nothing to look for without threshold or changeable inputs."""
        policy, threshold = self.policy, self.case.threshold
        if threshold is None or not policy.actionable or self.case.adverse is False:
            return []
        search = Search(
            self._row(),
            self.endpoint.features,
            self._reference(),
            policy.actionable,
            policy.never_changed,
            self._cells,
        )
        return await search.find(threshold, higher_is_adverse=self.higher)

    async def _by_asking_again(self, predicted: float) -> Found:
        """Find out which inputs changed the outcome of a model that answers one word at a time."""
        seed = _seed(self.case.decision)
        try:
            altered = await ablate(self._row(), self._reference(), self._players(), self._cells, seed)
            if not altered:
                raise NotSupportedError("No single input changed the outcome.")
        except ModelError as error:
            self._failed("llm_evidence", error)
            return self.recorded() or self._none()
        found = from_altered(altered, predicted, self._tally(), seed, self.case.evidence)
        return self._used("llm_evidence", found)

    def _rule(self, native: Native) -> Found:
        """Take the rule a server answered: stated, not tested."""
        return from_native(native, self._tally(), "rule", None, "C")

    def _none(self) -> Found:
        """Say that nothing reliable can be said: a person explains."""
        self.steps.append(Step("none", "unreliable", "This can't be explained reliably; a person looks at it."))
        return nothing(self._tally(), self.rejected)
