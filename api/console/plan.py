"""Every page and button of the consoles, each with the permission it takes: the one plan.

A test walks it for every role: what a role may not do is neither shown to it nor reachable by it.
"""

import re
from functools import cache

from api import access
from api.console import (
    audit,
    catalogue,
    concerns,
    conversation_acts,
    conversations,
    decisions,
    doors,
    editing,
    health,
    jobs,
    languages,
    library,
    live,
    mine,
    overview,
    packs,
    people,
    records,
    replies,
    reports,
    running,
    sites,
    training,
    views,
    waiting,
)
from api.console.cases import pages as cases
from api.console.desk import HOME
from api.console.disclosures import pages as disclosures
from api.console.explaining import pages as explaining
from api.console.handing import pages as handing
from api.console.page import Page
from api.console.retaining import pages as retaining
from api.console.telling import pages as telling

__all__ = ["PAGES", "Page", "check", "find"]
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
    Page("GET", f"{HOME}/live", "consoles.use", live.stream),
    Page("GET", HOME, "consoles.use", doors.home),
)
PEOPLE = (
    Page("GET", f"{HOME}/people", "subjects.read", people.search),
    Page("POST", f"{HOME}/people", "subjects.read", people.find),
    Page("GET", f"{HOME}/people/{{subject}}", "choices.read", people.one),
    Page("POST", f"{HOME}/people/{{subject}}/why", "choices.read", people.give_reason),
    Page("POST", f"{HOME}/people/{{subject}}/erasure", "subjects.erase", people.ask_erasure, fresh=True),
    Page("POST", f"{HOME}/people/{{subject}}/erasure/approve", "subjects.erase", people.approve_erasure, fresh=True),
    Page("GET", f"{HOME}/approvals", "subjects.erase", waiting.approvals),
)
EVIDENCE = (
    Page("GET", f"{HOME}/records", "choices.list", records.listed),
    Page("POST", f"{HOME}/records/export", "choices.export", records.export, fresh=True),
    Page("GET", f"{HOME}/records/{{seq}}", "choices.read", records.one),
    Page("GET", f"{HOME}/records/{{seq}}/proof", "choices.read", records.proof),
    Page("GET", f"{HOME}/opt-outs", "choices.list", records.opt_outs),
    Page("POST", f"{HOME}/opt-outs/export", "choices.export", records.export_opt_outs, fresh=True),
    Page("GET", f"{HOME}/audit", "ledger.read", audit.listed),
    Page("POST", f"{HOME}/audit/export", "ledger.export", audit.export, fresh=True),
    Page("GET", f"{HOME}/audit/verify", "ledger.read", audit.verify),
    Page("GET", f"{HOME}/audit/{{seq}}", "ledger.read", audit.one),
    Page("POST", f"{HOME}/views", "consoles.use", views.save),
    Page("POST", f"{HOME}/views/{{view}}/delete", "consoles.use", views.delete),
    Page("GET", f"{HOME}/views/{{view}}/count", "consoles.use", views.count),
)
RULES = (
    Page("GET", f"{HOME}/overview", "figures.read", overview.overview),
    Page("GET", f"{HOME}/decisions", "decisions.list", decisions.listed),
    Page("GET", f"{HOME}/decisions/{{decision}}", "decisions.read", decisions.one),
    Page("GET", f"{HOME}/purposes", "purposes.read", catalogue.list_purposes),
    Page("GET", f"{HOME}/purposes/{{key}}", "purposes.read", catalogue.purpose),
    Page("POST", f"{HOME}/purposes/{{key}}/draft", "purposes.write", editing.draft_purpose),
    Page("GET", f"{HOME}/purposes/{{key}}/edit", "purposes.write", editing.edit_purpose),
    Page("GET", f"{HOME}/new-purpose", "purposes.write", editing.new_purpose),
    Page("POST", f"{HOME}/new-purpose", "purposes.write", editing.create_purpose),
    Page("POST", f"{HOME}/purposes/{{key}}/publish", "purposes.write", catalogue.publish_purpose),
    Page("POST", f"{HOME}/purposes/{{key}}/retire", "purposes.write", catalogue.retire_purpose),
    Page("GET", f"{HOME}/systems", "systems.read", catalogue.list_systems),
    Page("GET", f"{HOME}/systems/{{key}}", "systems.read", catalogue.system),
    Page("POST", f"{HOME}/systems/{{key}}/change", "systems.write", editing.change_system),
    Page("GET", f"{HOME}/systems/{{key}}/edit", "systems.write", editing.edit_system),
    Page("GET", f"{HOME}/new-system", "systems.write", editing.new_system),
    Page("POST", f"{HOME}/new-system", "systems.write", editing.create_system),
    Page("POST", f"{HOME}/systems/{{key}}/retire", "systems.write", catalogue.retire_system),
    Page("GET", f"{HOME}/packs", "packs.read", packs.listed),
    Page("GET", f"{HOME}/packs/{{pack}}", "packs.read", packs.one),
    Page("POST", f"{HOME}/packs/{{pack}}/impact", "overrides.read", packs.impact),
)
RUNNING = (
    Page("GET", f"{HOME}/sites", "sites.read", sites.list_sites),
    Page("POST", f"{HOME}/sites", "sites.write", sites.create_site),
    Page("GET", f"{HOME}/sites/{{site}}", "sites.read", sites.site),
    Page("POST", f"{HOME}/sites/{{site}}", "sites.write", sites.change_site),
    Page("GET", f"{HOME}/sites/{{site}}/preview", "sites.read", sites.preview),
    Page("GET", f"{HOME}/languages", "sites.read", languages.coverage),
    Page("GET", f"{HOME}/keys", "keys.read", running.list_keys),
    Page("POST", f"{HOME}/keys", "keys.write", running.create_key, fresh=True),
    Page("POST", f"{HOME}/keys/{{key}}/revoke", "keys.write", running.revoke_key),
    Page("GET", f"{HOME}/staff", "staff.read", running.staff),
    Page("POST", f"{HOME}/staff/end", "staff.write", running.end_sessions),
    Page("GET", f"{HOME}/jobs", "jobs.read", jobs.listed),
    Page("POST", f"{HOME}/jobs/{{job}}/retry", "jobs.write", jobs.retry),
    Page("GET", f"{HOME}/health", "jobs.read", health.health),
)
CONVERSATIONS = (
    Page("GET", f"{HOME}/conversations", "handoffs.serve", conversations.board),
    Page("POST", f"{HOME}/conversations/here", "handoffs.serve", conversations.say_here),
    Page("GET", f"{HOME}/conversations/{{handoff}}", "handoffs.serve", conversations.one),
    Page("POST", f"{HOME}/conversations/{{handoff}}/take", "handoffs.serve", conversation_acts.take),
    Page("POST", f"{HOME}/conversations/{{handoff}}/decline", "handoffs.serve", conversation_acts.decline),
    Page("POST", f"{HOME}/conversations/{{handoff}}/reply", "handoffs.serve", conversation_acts.reply),
    Page("POST", f"{HOME}/conversations/{{handoff}}/note", "handoffs.serve", conversation_acts.note),
    Page("POST", f"{HOME}/conversations/{{handoff}}/ready", "handoffs.serve", conversation_acts.send_ready),
    Page("POST", f"{HOME}/conversations/{{handoff}}/typing", "handoffs.serve", conversation_acts.typing),
    Page("POST", f"{HOME}/conversations/{{handoff}}/resolve", "handoffs.serve", conversation_acts.resolve),
    Page("POST", f"{HOME}/conversations/{{handoff}}/pass", "handoffs.serve", conversation_acts.pass_on),
    Page("POST", f"{HOME}/conversations/{{handoff}}/return", "handoffs.serve", conversation_acts.propose_return),
    Page("POST", f"{HOME}/conversations/{{handoff}}/flag", "handoffs.serve", conversation_acts.flag),
    Page("GET", f"{HOME}/replies", "handoffs.serve", replies.listed),
    Page("POST", f"{HOME}/replies", "handoffs.serve", replies.keep),
    Page("POST", f"{HOME}/replies/{{reply}}/delete", "handoffs.serve", replies.delete),
)
ANSWERS = (
    Page("GET", f"{HOME}/mine", "requests.work", mine.mine),
    Page("GET", f"{HOME}/concerns", "concerns.read", concerns.listed),
    Page("POST", f"{HOME}/concerns", "concerns.report", concerns.report),
    Page("GET", f"{HOME}/answers", "reasons.read", library.listed),
    Page("GET", f"{HOME}/answers/{{table}}", "reasons.read", library.one),
    Page("POST", f"{HOME}/answers/{{table}}/draft", "reasons.write", library.draft),
    Page("POST", f"{HOME}/answers/{{table}}/approve", "reasons.approve", library.approve),
)
PAGES: tuple[Page, ...] = (
    *DOORS,
    *CONVERSATIONS,
    *cases.PAGES,
    *ANSWERS,
    *PEOPLE,
    *EVIDENCE,
    *telling.PAGES,
    *RULES,
    *disclosures.PAGES,
    *explaining.PAGES,
    *handing.PAGES,
    *reports.PAGES,
    *retaining.PAGES,
    *training.PAGES,
    *RUNNING,
)


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
