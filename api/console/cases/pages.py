"""The pages and buttons about explanation requests, for the consoles' plan."""

from typing import Final

from api import casework
from api.console.cases import acts, board, deadlines, drafts, filing, one, rerunning
from api.console.page import Page

_ONE: Final = f"{filing.BOARD}/{{request}}"
_BUTTONS: Final = tuple(step for step in filing.FIELDS if step not in {"draft", "redact", "decide", "rerun"})

PAGES: Final = (
    Page("GET", filing.BOARD, "requests.list", board.listed),
    Page("GET", deadlines.DEADLINES, "requests.figures", deadlines.page),
    Page("GET", _ONE, "requests.list", one.one),
    Page("GET", f"{_ONE}/preview", "requests.list", one.preview),
    Page("GET", f"{_ONE}/sections/{{section}}", "requests.work", drafts.page),
    Page("POST", f"{_ONE}/draft", "requests.work", drafts.write),
    Page("POST", f"{_ONE}/redact", "requests.work", drafts.withhold),
    Page("GET", f"{_ONE}/evidence", "requests.review", one.evidence),
    Page("POST", f"{_ONE}/evidence", "requests.review", acts.open_evidence),
    Page("GET", f"{_ONE}/documents/{{paper}}", "requests.review", one.document),
    Page("POST", f"{_ONE}/rerun", casework.permission_of("rerun"), rerunning.rerun),
    Page("POST", f"{_ONE}/decide", casework.permission_of("overturn"), acts.act("decide")),
    *(Page("POST", f"{_ONE}/{step}", casework.permission_of(step), acts.act(step)) for step in _BUTTONS),
)
