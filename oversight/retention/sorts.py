"""The sorts of records a schedule can delete: what goes, what stays, from when it counts, which laws ask for it.

The ledger and its proofs always stay. So do choices, receipts and showings of notices: they prove consent and that
people were told for as long as the processing lasts and claims can be made (GDPR Art. 7(1), 17(3)(e)), they hold no
free text, and the gate's answers are made of them. Who looked at whose record stands in the ledger alone.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of records. ``prefix`` is that of its ids; ``facts`` are what rule packs call its retention.

    What ``revives`` may be taken up again after it was deleted, so every run looks at all of it.
    """

    key: str
    prefix: str
    name: str
    deleted: str
    stays: str
    counts_from: str
    facts: frozenset[str]
    revives: bool = False


SORTS: Final[dict[str, Sort]] = {
    one.key: one
    for one in (
        Sort(
            "decision",
            "dec",
            "Decisions of AI systems",
            "The inputs, output, factors and rationale of each decision.",
            "That the decision was made, by which model, how it came out, and what the gate had said.",
            "the day the decision was recorded",
            frozenset({"application_records", "ai_logs_min", "logs_min", "compliance_records"}),
        ),
        Sort(
            "explanation",
            "exp",
            "Explanations",
            "The explanation as a document, with its figures and words.",
            "That it was given, how it was made and how good it was.",
            "the day the explanation was made",
            frozenset({"application_records", "compliance_records"}),
        ),
        Sort(
            "explanation-request",
            "exr",
            "Explanation requests",
            "What the person and staff wrote, every draft, letter and answer, and every link.",
            "The case with its states, dates and who acted, and the digest of each paper.",
            "the day the request was closed",
            frozenset({"case_records", "request_records", "dsr_case", "compliance_records"}),
            revives=True,
        ),
        Sort(
            "handoff",
            "hnd",
            "Conversations with staff",
            "Every message and note, and what staff were told about the person beforehand.",
            "That a human was asked for and came, when, and how it ended.",
            "the day the conversation ended",
            frozenset({"case_records", "compliance_records"}),
            revives=True,
        ),
        Sort(
            "conversation",
            "cnv",
            "Conversations with AI",
            "Every word of the person and of the AI.",
            "That they spoke, when, and what made Candor offer a human.",
            "the day of the last turn",
            frozenset({"ai_logs_min", "logs_min"}),
            revives=True,
        ),
    )
}
