"""How inputs, values, reasons and outcomes are called in a language: the operator's words, else the bare name. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from explanations.narratives.words import Locale, tidy, whole
from explanations.parts import Change, Input, ReasonCode
from explanations.port import Value
from explanations.reasons.documents import InputWords, Reason, said
from explanations.reasons.service import Approved

_MOST_VALUES = 3


class Said(NamedTuple):
    """Words, and the language they are in."""

    text: str
    lang: str


class Names:
    """The words of one approved table in one language; without a table, names are only made readable."""

    def __init__(self, approved: Approved | None, locale: Locale) -> None:
        """Speak as ``approved`` says, in the language of ``locale``."""
        self.approved = approved
        self.locale = locale
        table = None if approved is None else approved.table
        self._words: dict[str, InputWords] = {} if table is None else dict(table.words)
        self._reasons: dict[str, Reason] = {} if table is None else {one.code: one for one in table.reasons}
        self._homes = {name: one for one in self._reasons.values() for name in one.features}

    def _said(self, texts: object, otherwise: str) -> Said:
        found = said(texts, self.locale.language) if isinstance(texts, dict) else None
        return Said(otherwise, self.locale.language) if found is None else Said(*found)

    def label(self, feature: str) -> str:
        """Return what an input is called."""
        own = self._words.get(feature)
        if own is not None and own.label is not None:
            return self._said(own.label, feature).text
        home = self._homes.get(feature) or self._reasons.get(feature)
        if home is not None and (len(home.features) == 1 or home.code == feature):
            return self.reason_label(home.code)
        return tidy(feature.replace("_", " "))

    def reason_label(self, code: str) -> str:
        """Return what a reason looked at."""
        reason = self._reasons[code]
        found = said(reason.texts, self.locale.language)
        return str(found[0].label) if found is not None else code

    def reason(self, code: ReasonCode, *, adverse: bool) -> Said | None:
        """Return the approved sentence of a reason; nothing where none is approved in that direction."""
        reason = self._reasons.get(code.code)
        found = None if reason is None else said(reason.texts, self.locale.language)
        if found is None:
            return None
        text, lang = found
        words = text.adverse if adverse else text.favourable
        return None if words is None else Said(words, lang)

    def named(self, code: ReasonCode) -> str:
        """Return what a ranked reason is about."""
        if code.code in self._reasons:
            return self.reason_label(code.code)
        return self.locale.joined([self.label(name) for name in code.group])

    def value(self, feature: str, value: Value, display: str | None = None) -> str:
        """Return one value in words, with its unit."""
        own = self._words.get(feature)
        if own is not None and isinstance(value, str) and value in own.values:
            return self._said(own.values[value], value).text
        if own is not None and own.unit is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return f"{self.locale.value(value)} {self._said(own.unit, '').text}"
        return tidy(display) if display is not None and own is None else self.locale.value(value)

    def known_value(self, feature: str, value: Value) -> bool:
        """Tell whether a value is a number or one the operator has words for: nothing that a person typed freely."""
        own = self._words.get(feature)
        return not isinstance(value, str) or (own is not None and value in own.values)

    def source(self, one: Input) -> str | None:
        """Return where a value came from."""
        own = self._words.get(one.feature)
        if own is not None and own.source is not None:
            return self._said(own.source, "").text
        return None if one.source is None else tidy(one.source)

    def outcome(self, label: str) -> Said | None:
        """Return the operator's sentence for an outcome."""
        texts = None if self.approved is None else self.approved.table.outcomes.get(label)
        return None if texts is None else self._said(texts, label)

    def shown(self, code: ReasonCode, inputs: Sequence[Input]) -> list[tuple[int, Input]]:
        """Return the inputs whose values are told beside a reason, with their places: of a group only the named."""
        own = [(place, one) for place, one in enumerate(inputs) if one.feature in code.group]
        if len(code.group) == 1:
            return own
        told = [(place, one) for place, one in own if (w := self._words.get(one.feature)) is not None and w.label]
        return told[:_MOST_VALUES]

    def change(self, one: Change) -> str:
        """Return one tested change."""
        return self.locale.phrase(
            "changes.change",
            label=self.label(one.feature),
            before=self.value(one.feature, whole(one.from_)),
            after=self.value(one.feature, whole(one.to)),
        )
