"""The pages of retention in the plan."""

from typing import Final

from api.console.page import Page
from api.console.retaining import certificates, holds, schedules

PAGES: Final = (
    Page("GET", schedules.PAGE, "retention.read", schedules.listed),
    Page("GET", f"{schedules.PAGE}/{{sort}}", "retention.read", schedules.one),
    Page("POST", f"{schedules.PAGE}/{{sort}}", "retention.write", schedules.change),
    Page("POST", f"{schedules.PAGE}/{{sort}}/approve", "retention.write", schedules.approve, fresh=True),
    Page("GET", holds.PAGE, "retention.read", holds.listed),
    Page("POST", holds.PAGE, "retention.write", holds.place),
    Page("POST", f"{holds.PAGE}/{{hold}}/release", "retention.write", holds.release),
    Page("GET", certificates.PAGE, "retention.read", certificates.listed),
    Page("GET", f"{certificates.PAGE}/{{certificate}}", "retention.read", certificates.one),
)
