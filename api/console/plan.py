"""Every page and button of the consoles, each with the permission it takes: the one plan.

A test walks it for every role: what a role may not do is neither shown to it nor reachable by it.
"""

import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import NamedTuple

from starlette.responses import Response

from api import access
from api.console import audit, doors, people, records, views
from api.console.desk import HOME, Desk

Endpoint = Callable[[Desk], Awaitable[Response]]


class Page(NamedTuple):
    """One address with one method; without a permission it is for everybody; ``fresh`` takes a recent sign-in."""

    method: str
    pattern: str
    permission: str | None
    endpoint: Endpoint
    fresh: bool = False


DOORS = (
    Page("GET", f"{HOME}/assets/{{name}}", None, doors.asset),
    Page("GET", f"{HOME}/enter", None, doors.enter),
    Page("POST", f"{HOME}/enter", None, doors.entered),
    Page("GET", f"{HOME}/sign-in", None, doors.sign_in),
    Page("GET", f"{HOME}/callback", None, doors.callback),
    Page("GET", f"{HOME}/signed-out", None, doors.signed_out),
    Page("POST", f"{HOME}/logged-out", None, doors.logged_out),
    Page("POST", f"{HOME}/sign-out", "consoles.use", doors.sign_out),
    Page("GET", f"{HOME}/again", "consoles.use", doors.again),
    Page("POST", f"{HOME}/role", "consoles.use", doors.change_role),
    Page("GET", f"{HOME}/settings", "consoles.use", doors.settings),
    Page("POST", f"{HOME}/settings", "consoles.use", doors.keep_settings),
    Page("GET", HOME, "consoles.use", doors.home),
)
PEOPLE = (
    Page("GET", f"{HOME}/people", "subjects.read", people.search),
    Page("POST", f"{HOME}/people", "subjects.read", people.find),
    Page("GET", f"{HOME}/people/{{subject}}", "choices.read", people.one),
    Page("POST", f"{HOME}/people/{{subject}}/why", "choices.read", people.give_reason),
    Page("POST", f"{HOME}/people/{{subject}}/erasure", "subjects.erase", people.ask_erasure, fresh=True),
    Page("POST", f"{HOME}/people/{{subject}}/erasure/approve", "subjects.erase", people.approve_erasure, fresh=True),
    Page("GET", f"{HOME}/approvals", "subjects.erase", people.approvals),
)
EVIDENCE = (
    Page("GET", f"{HOME}/records", "choices.list", records.listed),
    Page("POST", f"{HOME}/records/export", "choices.export", records.export, fresh=True),
    Page("GET", f"{HOME}/records/{{seq}}", "choices.list", records.one),
    Page("GET", f"{HOME}/records/{{seq}}/proof", "choices.list", records.proof),
    Page("GET", f"{HOME}/opt-outs", "choices.list", records.opt_outs),
    Page("POST", f"{HOME}/opt-outs/export", "choices.export", records.export_opt_outs, fresh=True),
    Page("GET", f"{HOME}/audit", "ledger.read", audit.listed),
    Page("POST", f"{HOME}/audit/export", "ledger.export", audit.export, fresh=True),
    Page("GET", f"{HOME}/audit/{{seq}}", "ledger.read", audit.one),
    Page("POST", f"{HOME}/views", "consoles.use", views.save),
    Page("POST", f"{HOME}/views/{{view}}/delete", "consoles.use", views.delete),
    Page("GET", f"{HOME}/views/{{view}}/count", "consoles.use", views.count),
)
PAGES: tuple[Page, ...] = (*DOORS, *PEOPLE, *EVIDENCE)


@cache
def _patterns() -> list[tuple[re.Pattern[str], Page]]:
    return [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]{1,200})", page.pattern)), page) for page in PAGES]


def find(method: str, path: str) -> tuple[Page, dict[str, str]] | str | None:
    """Return the page of an address with what the address names; else its methods; else nothing."""
    wanted = "GET" if method == "HEAD" else method
    methods = []
    for pattern, page in _patterns():
        match = pattern.fullmatch(path.rstrip("/") or HOME)
        if match is None:
            continue
        if page.method == wanted:
            return page, match.groupdict()
        methods.append(page.method)
    return ", ".join(sorted(set(methods))) or None


def check() -> None:
    """Raise ``KeyError`` for a page whose permission is not in the table."""
    for page in PAGES:
        if page.permission is not None:
            access.PERMISSIONS[page.permission]
