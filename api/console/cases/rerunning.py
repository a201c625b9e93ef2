"""A decision made again with corrected data: the model is asked, or a new decision is linked (GDPR Art. 16, 22(3)).

Only what the reviewer changed is asked anew; without a change the decision that was made elsewhere is linked.
"""

from collections.abc import Mapping

from starlette.responses import Response

from api import casework
from api.console.cases import acts, filing, inputs, view
from api.console.cases.filing import BOARD, Refused
from api.console.desk import Desk, go
from api.problems import StaleError
from api.schemas.explanation_requests import Rerun
from core.errors import DomainError, InvalidError


async def rerun(desk: Desk) -> Response:
    """Have the decision made again with corrected inputs, or link the decision that was."""
    form = await desk.form("version")
    request_id = desk.params["request"]
    try:
        body = await _body(desk, form)
        said = await casework.said_again(desk.state, desk.principal, request_id, body)
        await desk.state.db.transact(acts.step_over, desk, request_id, form["version"], body, said)
    except StaleError:
        return await acts.overtaken(desk, "rerun", form)
    except DomainError as error:
        return await acts.refused(desk, Refused("rerun", form, error))
    return go(f"{BOARD}/{request_id}/evidence#again")


async def _body(desk: Desk, form: Mapping[str, str]) -> Rerun:
    body = filing.body("rerun", form)
    if not isinstance(body, Rerun):  # the form's own step
        raise InvalidError.field("/step", "not this step")
    whole = await desk.state.db.read(view.read, desk, desk.params["request"])
    return body.model_copy(update={"corrected": inputs.corrected(whole.inputs, form) or None})
