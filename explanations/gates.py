"""The quality gates: when an explanation is true enough to be shown. Pure; ``None`` means that it can't be checked.

Additivity proves the wiring (right class, right space, nothing dropped), not the truth; replay proves that it is
still the same model; separation that the order is no accident; direction that the signs are right.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from explanations.parts import Flag
from explanations.port import Endpoint, Native

REPLAY_TOLERANCE = 1e-6
NATIVE_ADDITIVITY = 0.05
LEAST_CLOSED = 0.6
_LEAST_GAP = 1e-9
Grade = Literal["A", "B", "C", "fail"]


def close(first: float, second: float, tolerance: float = REPLAY_TOLERANCE) -> bool:
    """Tell whether two outputs are the same up to rounding."""
    return abs(first - second) <= tolerance * max(1.0, abs(first), abs(second))


def replay(logged: float | None, predicted: float) -> bool | None:
    """Tell whether the model answers the logged input as it did at the decision."""
    return None if logged is None else close(logged, predicted)


def additivity_error(base: float | None, output: float | None, values: Mapping[str, float]) -> float | None:
    """Return |base + sum - output| relative to the distance between output and base."""
    if base is None or output is None or not values:
        return None
    return abs(base + sum(values.values()) - output) / max(abs(output - base), _LEAST_GAP)


def class_fits(native: Native, endpoint: Endpoint) -> bool | None:
    """Tell whether a server explained the configured class: servers name it by number or by label."""
    if native.class_name is None or (endpoint.class_name is None and endpoint.class_index is None):
        return None
    return native.class_name in {endpoint.class_name, str(endpoint.class_index)}


def native_fault(native: Native, endpoint: Endpoint, predicted: float) -> Flag | None:
    """Return what is wrong with a server's own explanation, before anything more is asked."""
    if class_fits(native, endpoint) is False:
        return "class_mismatch"
    if native.output is not None and native.space in (None, endpoint.space) and not close(native.output, predicted):
        return "class_mismatch"  # it explains another output than the one that was decided on
    error = additivity_error(native.base, native.output, native.attributions)
    if error is not None and error > NATIVE_ADDITIVITY:
        return "additivity_failed"
    return None


def adverse_first(values: Mapping[str, float], *, higher_is_adverse: bool) -> list[str]:
    """Return inputs by how much they speak against the person."""
    sign = -1.0 if higher_is_adverse else 1.0
    return sorted(values, key=lambda name: (sign * values[name], name))


def reasons(ranking: Sequence[str], values: Mapping[str, float], top: int, *, higher_is_adverse: bool) -> list[str]:
    """Return at most ``top`` inputs that really speak against the person."""
    return [name for name in ranking[:top] if values[name] != 0 and (values[name] > 0) == higher_is_adverse]


def weighty(told: Sequence[str], values: Mapping[str, float]) -> list[str]:
    """Return the inputs that carry at least 1 % of all there is: the sign of less is not worth a question."""
    least = 0.01 * sum(abs(value) for value in values.values())
    return [name for name in told if abs(values[name]) >= least]


def gap_closed(output: float, base: float, together: float | None, *, higher_is_adverse: bool) -> float | None:
    """Return the part of the way from the group's output that goes with the reasons; nothing if there is no way."""
    if together is None or close(output, base) or (output > base) != higher_is_adverse:
        return None
    return (output - together) / (output - base)


def sufficient(
    closed: float | None, together: float | None, threshold: float | None, *, higher_is_adverse: bool
) -> bool | None:
    """Tell whether the reasons told are the main ones: without them most of the gap is gone, or the outcome turns."""
    if closed is None or together is None:
        return None
    turned = threshold is not None and together != threshold and (together < threshold) == higher_is_adverse
    return turned or closed >= LEAST_CLOSED


def grade(
    *,
    replayed: bool | None,
    separated: bool | None,
    direction: bool | None,
    additivity: float | None,
    enough: bool | None = None,
) -> Grade:
    """Return A if every gate passed, B if one could not be checked or the order is open, C if more, else fail.

    Reasons that are true but not the whole story (``enough`` is false) count as one open point, and are flagged.
    """
    if replayed is False or direction is False or (additivity is not None and additivity > NATIVE_ADDITIVITY):
        return "fail"
    unchecked = [replayed is None, direction is None, additivity is None, separated is not True, enough is False]
    return "A" if not any(unchecked) else "B" if sum(unchecked) == 1 else "C"
