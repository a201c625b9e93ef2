"""A reason table of the credit model, and people who write and approve it, for tests."""

from typing import Any

from core.principal import Principal, Role
from explanations.reasons.documents import ReasonTable
from explanations.reasons.service import Approved
from tests.explanations.deciding import TENANT

WRITER = Principal(TENANT, "key_writer", Role.DPO)
APPROVER = Principal(TENANT, "key_approver", Role.DPO)


def reason(
    code: str, features: list[str], label: tuple[str, str], text: tuple[str, str], **more: Any
) -> dict[str, Any]:
    """Return one reason in English and German."""
    texts = {language: {"label": label[n], "adverse": text[n]} for n, language in enumerate(("en", "de"))}
    return {"code": code, "features": features, "texts": texts, **more}


def table_values(**changes: Any) -> dict[str, Any]:
    """Return a complete table of the credit model, changed as asked."""
    return {
        "key": "credit-eu",
        "system": "scorer",
        "frameworks": ["regb"],
        "inputs": ["duration", "amount", "checking", "savings", "employed", "age"],
        "reasons": [
            reason(
                "DUR_LONG",
                ["duration"],
                ("the term of the loan", "die Laufzeit des Kredits"),
                ("The loan runs for longer than most.", "Der Kredit läuft länger als die meisten."),
            ),
            reason(
                "AMOUNT_HIGH",
                ["amount"],
                ("the amount of the loan", "die Höhe des Kredits"),
                ("The amount is higher than most.", "Der Betrag ist höher als die meisten."),
            ),
            reason(
                "ACCOUNTS",
                ["checking", "savings"],
                ("your accounts", "Ihre Konten"),
                ("Your accounts held little money.", "Auf Ihren Konten lag wenig Geld."),
            ),
            reason(
                "JOB_SHORT",
                ["employed"],
                ("the time in your present job", "die Zeit in Ihrer jetzigen Stelle"),
                ("You began your present job recently.", "Sie haben Ihre jetzige Stelle erst vor Kurzem begonnen."),
            ),
            reason(
                "AGE",
                ["age"],
                ("your age", "Ihr Alter"),
                ("Your age counted.", "Ihr Alter zählte."),
                sensitivity="protected",
            ),
        ],
        "words": {
            "duration": {
                "unit": {"en": "months", "de": "Monate"},
                "source": {"en": "application form", "de": "Antragsformular"},
            },
            "amount": {"unit": {"en": "EUR", "de": "EUR"}},
            "checking": {
                "values": {"A14": {"en": "no checking account", "de": "kein Girokonto"}},
                "label": {"en": "checking account", "de": "Girokonto"},
            },
        },
        "outcomes": {
            "declined": {"en": "Your application was declined.", "de": "Ihr Antrag wurde abgelehnt."},
            "approved": {"en": "The application is approved.", "de": "Der Antrag ist bewilligt."},
        },
        "not_inputs": {"religion": {"en": "your religion", "de": "Ihre Religion"}},
        "consequences": {"en": "You do not get this loan for now.", "de": "Sie erhalten diesen Kredit vorerst nicht."},
        **changes,
    }


def table(**changes: Any) -> ReasonTable:
    """Return the table as it is drafted."""
    return ReasonTable.model_validate(table_values(**changes))


def approved(**changes: Any) -> Approved:
    """Return the table as if it were approved."""
    return Approved(table(**changes), 3, "ab" * 32)
