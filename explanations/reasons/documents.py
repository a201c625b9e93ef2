"""What a reason table says: from a model's inputs to at most four reasons in approved words (Reg B 1002.9(b)(2)).

One table speaks for one AI system, under the frameworks and in the jurisdictions it names. Every input of the model
stands in exactly one reason or is withheld with a ground; what belongs together (a one-hot set, the lags of one
series, a value and its missing-flag) is one reason, so that it is ranked as one. Shapes are checked by pydantic;
``contradictions`` knows what shapes can't say.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core import canonical
from core.errors import FieldError
from explanations.reasons.generic import is_generic

KEY_PATTERN: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"
LANGUAGE_PATTERN: Final = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
# letters of any language, but nothing that controls a terminal or a page, and nothing that could be markup or a link
_PLAIN = r"^[^\x00-\x1f\x7f<>{}\[\]`|\\^~\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*$"
EVERYWHERE: Final = "*"
TOP: Final = 4

Phrase = Annotated[str, Field(min_length=1, max_length=80, pattern=_PLAIN)]
Line = Annotated[str, Field(min_length=1, max_length=300, pattern=_PLAIN)]
Language = Annotated[str, Field(max_length=12, pattern=LANGUAGE_PATTERN)]
Feature = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,39}$", examples=["DUR_LONG"])]
Place = Annotated[str, Field(pattern=r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?|EU)$", examples=["DE", "US-CA", "EU", "*"])]
Phrases = Annotated[dict[Language, Phrase], Field(min_length=1, max_length=40)]
Lines = Annotated[dict[Language, Line], Field(min_length=1, max_length=40)]
Sensitivity = Literal["normal", "protected", "secret"]
Framework = Literal["regb", "fcra", "gdpr", "aiact", "generic"]


class Shape(BaseModel):
    """Exactly the declared fields, and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReasonText(Shape):
    """A reason in one language. ``label`` names what was looked at, the sentences say what about it counted."""

    label: Annotated[Phrase, Field(examples=["the term of the loan"])]
    adverse: Annotated[Line, Field(examples=["The loan runs longer than most."])]
    favourable: Line | None = None


class Reason(Shape):
    """One reason: the inputs it stands for, taken together, and its words."""

    code: Code
    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=500)]
    texts: Annotated[dict[Language, ReasonText], Field(min_length=1, max_length=40)]
    sensitivity: Sensitivity = Field(
        "normal", description="`protected` stops the letter if it counts; `secret` is withheld with a ground."
    )
    proxy_for: Phrase | None = Field(None, description="A protected trait it stands for; treated as protected.")

    @property
    def guarded(self) -> Sensitivity:
        """Return how it is treated: a proxy like what it stands for."""
        return "protected" if self.proxy_for else self.sensitivity


class InputWords(Shape):
    """How one input and its values are written for people."""

    unit: Phrases | None = Field(None, description="Put after a number: months, EUR.")
    values: Annotated[dict[Annotated[str, Field(max_length=200)], Phrases], Field(max_length=500)] = {}
    source: Phrases | None = Field(None, description="Where it came from: the application form.")
    label: Phrases | None = Field(None, description="Its own name, where it shares a reason with others.")


class Withholding(Shape):
    """Inputs that are never named, and on what ground (C-203/22: the authority still sees them)."""

    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=500)]
    ground: Literal["trade_secret", "third_party", "security"]


class ReasonTable(Shape):
    """Everything a version of a reason table says; immutable once approved."""

    key: Annotated[str, Field(pattern=KEY_PATTERN, examples=["credit-eu"])]
    system: Annotated[str, Field(pattern=KEY_PATTERN, description="The AI system it speaks for.")]
    frameworks: Annotated[tuple[Framework, ...], Field(min_length=1, max_length=5)] = ("generic",)
    jurisdictions: Annotated[tuple[Place, ...], Field(min_length=1, max_length=300)] = (EVERYWHERE,)
    inputs: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=1000, description="All the model's inputs.")]
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=500)]
    withheld: Annotated[tuple[Withholding, ...], Field(max_length=20)] = ()
    words: Annotated[dict[Feature, InputWords], Field(max_length=1000)] = {}
    outcomes: Annotated[dict[Annotated[str, Field(max_length=200)], Lines], Field(max_length=50)] = {}
    not_inputs: Annotated[dict[Feature, Phrases], Field(max_length=20)] = Field(
        {}, description="What the model is not given; said only where the decision's inputs bear it out: religion."
    )
    consequences: Lines | None = Field(None, description="What follows for the person.")
    most: Annotated[int, Field(ge=1, le=TOP)] = TOP
    cover: Annotated[float, Field(ge=0, le=1)] = Field(
        0.6, description="The part of the push the reasons should carry."
    )

    def canonical(self) -> bytes:
        """Return the bytes that are stored and hashed."""
        return canonical.dumps(self.as_json())

    def as_json(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json")

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return the inputs of each reason of several, as the engine moves them: together."""
        return {one.code: one.features for one in self.reasons if len(one.features) > 1}

    def sensitivities(self) -> dict[str, Sensitivity]:
        """Return the inputs that are not treated like others."""
        kinds: dict[str, Sensitivity] = {name: one.guarded for one in self.reasons for name in one.features}
        kinds.update((name, "secret") for one in self.withheld for name in one.features)
        return {name: kind for name, kind in kinds.items() if kind != "normal"}

    def languages(self) -> frozenset[str]:
        """Return the languages every reason is written in."""
        return frozenset.intersection(*(frozenset(one.texts) for one in self.reasons))


def contradictions(table: ReasonTable) -> tuple[FieldError, ...]:
    """Return what a table leaves open or says twice, each with its place."""
    return (*_places(table), *_generic(table), *_not_inputs(table))


def _places(table: ReasonTable) -> Iterator[FieldError]:
    """Every input stands in exactly one reason or is withheld (completeness, ADP-07)."""
    inputs = frozenset(table.inputs)
    if len(inputs) != len(table.inputs):
        yield FieldError("/inputs", "an input is listed twice")
    listed = [one.features for one in table.reasons] + [one.features for one in table.withheld]
    homes = Counter(name for features in listed for name in features)
    for number, one in enumerate(table.reasons):
        if unknown := sorted(set(one.features) - inputs):
            yield FieldError(f"/reasons/{number}/features", f"is no input of the model: {unknown[0]}")
        if doubled := sorted(name for name in set(one.features) if homes[name] > 1):
            yield FieldError(f"/reasons/{number}/features", f"stands in two places: {doubled[0]}")
    if missing := sorted(inputs - set(homes)):
        yield FieldError("/reasons", f"no reason and no ground for withholding: {', '.join(missing[:5])}")
    codes = Counter(one.code for one in table.reasons)
    if twice := sorted(code for code, times in codes.items() if times > 1):
        yield FieldError("/reasons", f"the same code twice: {twice[0]}")
    if strangers := sorted(set(table.words) - inputs):
        yield FieldError("/words", f"is no input of the model: {strangers[0]}")


def _generic(table: ReasonTable) -> Iterator[FieldError]:
    """Refuse reasons that give none (Reg B 1002.9(b)(2), EXP-10)."""
    for number, one in enumerate(table.reasons):
        for language, text in one.texts.items():
            for name, said in (("adverse", text.adverse), ("favourable", text.favourable), ("label", text.label)):
                if said is not None and is_generic(said):
                    place = f"/reasons/{number}/texts/{language}/{name}"
                    yield FieldError(place, "says that there is a reason, not which: name what was looked at")


def _not_inputs(table: ReasonTable) -> Iterator[FieldError]:
    if used := sorted(set(table.not_inputs) & set(table.inputs)):
        yield FieldError("/not_inputs", f"is an input of the model: {used[0]}")


def said(texts: Mapping[str, Any] | None, language: str, fallback: str = "en") -> tuple[Any, str] | None:
    """Return words and the language they are in: the one asked for, its main language, the fallback, or any."""
    if not texts:
        return None
    for wanted in (language, language.partition("-")[0], fallback):
        if wanted in texts:
            return texts[wanted], wanted
    first = min(texts)
    return texts[first], first
