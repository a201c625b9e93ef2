"""The forms of a request's page: which fields each step takes, read into the step that the API takes too.

Fields are named after their step, so that a page can hold all its forms. What was refused comes back as it was sent,
each fault beside its field.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from api import problems
from api.console import wording as console
from api.console.cases import wording
from api.console.cases.view import Whole
from api.console.desk import HOME, Desk
from api.console.forms import Form
from api.schemas.explanation_requests import StepIn
from core.errors import DomainError, FieldError, InvalidError

BOARD: Final = f"{HOME}/requests"
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "claim": (),
    "transfer": ("to",),
    "ask_identity": ("reason",),
    "fail_identity": ("reason",),
    "check_document": (),
    "scope": ("decisions", "subject"),
    "ask_clarification": ("text",),
    "clarify": ("text",),
    "draft": (),
    "redact": ("section", "sentences", "ground"),
    "submit": (),
    "send_back": ("notes",),
    "approve": ("checklist", "signed_warnings"),
    "release": (),
    "extend": ("reason", "letter"),
    "refuse": ("ground", "reasons", "remedy"),
    "close": (),
    "reopen": ("reasons",),
    "assign_review": ("reviewer", "reviewer_reference", "authority", "competence"),
    "give_first_view": ("view",),
    "rerun": ("decision", "correction"),
    "decide": ("verdict", "reasons", "cause", "new_outcome", "adverse"),
}
_step: Final[TypeAdapter[StepIn]] = TypeAdapter(StepIn)


class Refused(NamedTuple):
    """A step that was refused: what was sent, what is wrong with it, and the answer's status."""

    step: str
    given: Mapping[str, str]
    error: DomainError

    @property
    def status(self) -> int:
        """Return the status of the page that tells it."""
        return problems.status_of(self.error)

    @property
    def told(self) -> list[str]:
        """Return what is wrong beside no field of the form."""
        shown = FIELDS.get(self.step, ())
        found = [wording.fault(one) for one in self.error.fields if _name(one) not in shown]
        if found:
            return found
        return ["The marked fields need another look."] if self.error.fields else [self.error.detail]


def _name(one: FieldError) -> str:
    return one.pointer.lstrip("/?").partition("/")[0]


def forms(desk: Desk, whole: Whole, refused: Refused | None) -> dict[str, Form]:
    """Return every form of a request's page, the refused one as it was sent."""
    found = {step: Form(_first(step, desk, whole), {}) for step in FIELDS}
    if refused is not None and refused.step in FIELDS:
        prefix, faults = refused.step, dict[str, str]()
        for one in refused.error.fields:
            if _name(one) in FIELDS[prefix]:
                faults.setdefault(f"{prefix}-{_name(one)}", wording.fault(one))
        found[prefix] = Form({**found[prefix].values, **refused.given}, faults)
    return found


def _first(step: str, desk: Desk, whole: Whole) -> dict[str, Any]:
    """Return what stands in a form before anybody wrote in it."""
    values: dict[str, Any] = {f"{step}-{name}": "" for name in FIELDS[step]}
    if step == "refuse":
        values["refuse-remedy"] = _remedy(desk)
    if step == "assign_review" and desk.principal.id not in _involved(whole):
        values["assign_review-reviewer"] = desk.principal.id
    if step == "scope":
        values |= {f"scope-{one}": "yes" for one in whole.case.facts.decisions}
    return values


def _involved(whole: Whole) -> set[str | None]:
    facts = whole.case.facts
    return {*facts.drafters, *facts.actors, facts.approver}


def _remedy(desk: Desk) -> str:
    authority = desk.state.settings.requests.authority or "your data protection authority"
    return f"You can complain to {authority}, and go to court. This costs nothing with us."


def body(step: str, form: Mapping[str, str]) -> StepIn:
    """Return the step that a form asks for. Raises ``InvalidError``."""
    values: dict[str, Any] = {name: form.get(f"{step}-{name}", "").strip() or None for name in FIELDS[step]}
    ticked = [name[len(step) + 1 :] for name, value in form.items() if name.startswith(f"{step}-") and value == "yes"]
    name = step
    if step == "scope":
        typed = (values["decisions"] or "").replace(",", " ").split()
        values["decisions"] = list(dict.fromkeys([*(one for one in ticked if one.startswith("dec_")), *typed]))
    elif step == "redact":
        values["sentences"] = [int(one[1:]) for one in ticked if one[:1] == "n" and one[1:].isdigit()]
    elif step == "approve":
        values["checklist"] = [one for one in wording.CHECKLIST if one in ticked]
        values["signed_warnings"] = [one for one in wording.WARNINGS if one in ticked]
    elif step == "decide":
        name = _verdict(values)
        values["adverse"] = "adverse" in ticked
        if name == "uphold":
            values = {"reasons": values["reasons"]}
    try:
        return _step.validate_python({"step": name, **values})
    except ValidationError as error:
        raise InvalidError(fields=tuple(_fault(one) for one in error.errors(include_url=False))) from error


def _verdict(values: dict[str, Any]) -> str:
    verdict = values.pop("verdict")
    if verdict not in wording.VERDICTS:
        raise InvalidError.field("/verdict", "say how you decide")
    found: str = verdict
    return found


def _fault(found: Mapping[str, Any]) -> FieldError:
    """Return pydantic's finding with the field's own name first."""
    named = [part for part in found["loc"] if isinstance(part, str)]
    return FieldError(f"/{named[-1] if named else ''}", str(found["msg"]))


def written(step: str, form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what somebody wrote into a form, so that it can be read and copied though it was not kept."""
    hidden = {"token", "version", "section"}
    found = []
    for name, value in form.items():
        if name not in hidden and value.strip() and value != "yes" and not name.endswith(("-source", "-language")):
            found.append((console.word(name.removeprefix(f"{step}-")).capitalize(), value))
    return found
