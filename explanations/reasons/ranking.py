"""From attributions to at most four reasons: grouped, then ranked, nothing dropped in silence (Reg B 1002.9). Pure.

1. What pushes towards the outcome is kept. 2. All inputs of one reason are summed *before* ranking: ranking one-hot
columns one by one misleads. 3. The first ``most`` are the reasons. A protected one among them stops the letter, a
secret one is withheld with its ground, an unmapped one blocks the release; none is replaced by the next.
4. The order is certain only where the gap to the neighbours is wider than chance.
"""

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from explanations.blackbox import SURE
from explanations.canonical import Explanation
from explanations.parts import Attribution, Flag, ReasonCode, Withheld
from explanations.reasons.documents import Reason, ReasonTable
from explanations.reasons.service import Approved

_LEAST_SHARE = 0.01  # less than this of the push is no principal reason
UNMAPPED = "UNMAPPED"
UNNAMED = "PROTECTED"  # a protected reason that was found before, its code not kept
Block = Literal["prohibited-basis", "unmapped-feature", "no-approved-reasons", "direction-unknown"]
Ground = Literal["trade_secret", "third_party", "security"]


class Ranked(NamedTuple):
    """The reasons, and what keeps them from being sent.

    ``stopped`` lists the codes of protected reasons among the first; where it is not empty no reason is shown at all.
    ``covered`` is the part of the push that ``codes`` carry.
    """

    codes: tuple[ReasonCode, ...]
    covered: float
    stopped: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    flags: tuple[Flag, ...]
    blocks: tuple[Block, ...]


class _Sum(NamedTuple):
    """What the inputs of one reason did together, seen in the direction that is explained."""

    code: str
    features: tuple[str, ...]
    kind: str
    ground: Ground | None
    push: float
    error: float | None
    value: float


NOTHING = Ranked((), 0.0, (), (), (), ())


def adverse(explanation: Explanation) -> bool:
    """Tell whether it is explained what spoke against the person; unknown outcomes count as adverse."""
    return explanation.outcome.adverse is not False


def ranked(explanation: Explanation, approved: Approved | None) -> Ranked:
    """Return the reasons of an explanation in the words of an approved table, or raw and blocked without one."""
    if not explanation.attributions:
        flagged = "prohibited_in_topk" in explanation.quality.flags  # of a source that turned the outcome
        return NOTHING._replace(stopped=(UNNAMED,), blocks=("prohibited-basis",)) if flagged else NOTHING
    if explanation.target.direction == "unknown":
        return NOTHING._replace(blocks=("direction-unknown",))
    sums = _summed(explanation, None if approved is None else approved.table)
    pushing = sorted((one for one in sums if one.push > 0), key=lambda one: (-one.push, one.code))
    total = math.fsum(one.push for one in pushing)
    most = 4 if approved is None else approved.table.most
    first = [one for one in pushing[:most] if one.push >= _LEAST_SHARE * total]
    following = pushing[len(first)] if len(first) < len(pushing) else None
    # the engine saw a protected input among its own first ones: grouping must not make that go away
    flagged = "prohibited_in_topk" in explanation.quality.flags
    return _judged(first, following, total, approved, flagged=flagged)


def _judged(
    first: list[_Sum], following: _Sum | None, total: float, approved: Approved | None, *, flagged: bool
) -> Ranked:
    certain = _certain(first, following)
    framework = None if approved is None else approved.table.frameworks[0]
    codes, withheld = [], []
    for rank, (one, sure) in enumerate(zip(first, certain, strict=True), start=1):
        if one.kind == "secret":
            withheld.append(Withheld(what=f"reason {rank}", ground=one.ground or "trade_secret"))
            continue
        text_id = None if approved is None or one.code == UNMAPPED else f"{approved.ref}#{one.code}"
        codes.append(
            ReasonCode(
                rank=rank,
                code=one.code,
                group=one.features,
                contribution=one.value,
                share=one.push / total,
                order_certain=sure,
                text_id=text_id,
                framework=framework,
            )
        )
    stopped = tuple(one.code for one in first if one.kind == "protected") or ((UNNAMED,) if flagged else ())
    covered = math.fsum(one.push for one in first) / total if total else 0.0
    unmapped = any(one.code == UNMAPPED for one in first)
    flags: list[Flag] = [] if all(certain) else ["order_uncertain"]
    flags += ["prohibited_in_topk"] if stopped else []
    flags += ["withheld_parts"] if withheld else []
    flags += ["reasons_unmapped"] if unmapped else []
    flags += ["reasons_incomplete"] if approved is not None and first and covered < approved.table.cover else []
    blocks: list[Block] = ["prohibited-basis"] if stopped else []
    blocks += ["no-approved-reasons"] if approved is None and first else []
    blocks += ["unmapped-feature"] if unmapped and approved is not None else []
    return Ranked(() if stopped else tuple(codes), covered, stopped, tuple(withheld), tuple(flags), tuple(blocks))


def _certain(first: list[_Sum], following: _Sum | None) -> list[bool]:
    """Tell for each rank whether the gaps to both neighbours are wider than chance."""
    line = [*first, *([] if following is None else [following])]
    apart = [_apart(before, after) for before, after in itertools.pairwise(line)]
    return [(n == 0 or apart[n - 1]) and (n >= len(apart) or apart[n]) for n in range(len(first))]


def _apart(before: _Sum, after: _Sum) -> bool:
    if before.error is None or after.error is None:
        return False
    return before.push - after.push > SURE * math.hypot(before.error, after.error)


def _summed(explanation: Explanation, table: ReasonTable | None) -> list[_Sum]:
    sign = 1.0 if (explanation.target.direction == "higher_is_adverse") == adverse(explanation) else -1.0
    marked = {one.feature: one.sensitivity for one in explanation.inputs if one.sensitivity != "normal"}
    reasons: dict[str, Reason] = {}
    grounds: dict[str, Ground] = {}
    for reason in () if table is None else table.reasons:
        reasons[reason.code] = reason  # the engine moves a group of inputs under the reason's code
        reasons.update(dict.fromkeys(reason.features, reason))
    for withholding in () if table is None else table.withheld:
        grounds.update(dict.fromkeys(withholding.features, withholding.ground))
    together: dict[str, list[Attribution]] = {}
    for one in explanation.attributions:
        home = reasons.get(one.feature)
        together.setdefault(home.code if home is not None else "?" + one.feature, []).append(one)
    return [_sum(reasons.get(place), parts, sign, marked, grounds) for place, parts in together.items()]


def _sum(
    reason: Reason | None,
    parts: list[Attribution],
    sign: float,
    marked: Mapping[str, str],
    grounds: dict[str, Ground],
) -> _Sum:
    value = math.fsum(one.value for one in parts)
    errors = [one.stderr for one in parts]
    error = None if any(one is None for one in errors) else math.hypot(*(one or 0.0 for one in errors))
    features = tuple(one.feature for one in parts) if reason is None else reason.features
    ground = grounds.get(parts[0].feature)
    code = UNMAPPED if reason is None else reason.code
    return _Sum(code, features, _kind(reason, features, marked, ground), ground, sign * value, error, value)


def _kind(
    reason: Reason | None,
    features: Iterable[str],
    marked: Mapping[str, str],
    ground: Ground | None,
) -> str:
    """Return the strictest of what the table and the engine's policy say of a reason's inputs."""
    kinds = {marked.get(name, "normal") for name in features}
    kinds |= {"normal" if reason is None else reason.guarded, "secret" if ground else "normal"}
    return "protected" if "protected" in kinds else "secret" if "secret" in kinds else "normal"


def again(explanation: Explanation) -> Ranked:
    """Return the reasons as a document that was ranked before holds them."""
    flags = explanation.quality.flags
    blocks: list[Block] = ["prohibited-basis"] if "prohibited_in_topk" in flags else []
    if "reasons_unmapped" in flags:
        mapped = any(one.text_id is not None for one in explanation.reason_codes)
        blocks.append("unmapped-feature" if mapped else "no-approved-reasons")
    stopped = (UNNAMED,) if blocks[:1] == ["prohibited-basis"] else ()
    covered = math.fsum(one.share for one in explanation.reason_codes)
    return Ranked(explanation.reason_codes, covered, stopped, explanation.legal.withheld, flags, tuple(blocks))
