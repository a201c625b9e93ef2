"""The decision function: each rule of docs/gate.md in a table, and everything that must never read as allowed."""

import itertools

import orjson
import pytest

from consent import gate
from consent.gate import NO_ROWS, Levels, PurposeFacts, Row, SystemFacts, decide
from consent.lifecycle import NO, STATES, YES

NOW = 1_000_000_000_000_000
OPT_IN = PurposeFacts("train", 3, 2, "opt_in", explicit=False, retired=False)
OPT_OUT = OPT_IN._replace(mechanism="opt_out")
NOTICE = OPT_IN._replace(mechanism="notice_only")
EXPLICIT = OPT_IN._replace(explicit=True)
BOT = SystemFacts("bot", frozenset({"train"}), None, retired=False)
ROUTED = BOT._replace(human_route="desk")


def row(
    state: str, *, choice: str = "chc_1", until: int | None = None, version: int = 3, explicit: bool = False
) -> Row:
    return Row(state, explicit, version, choice, "n1", until)


def ask(
    purpose: PurposeFacts | None = OPT_IN,
    system: SystemFacts | None = BOT,
    rows: Levels = NO_ROWS,
    *,
    system_key: str | None = "bot",
    ttl: int = 60,
) -> gate.Answer:
    return decide("train", purpose, system_key, system, rows, NOW, ttl)


@pytest.mark.parametrize(
    ("purpose", "system", "system_key", "reason"),
    [
        (None, BOT, "bot", "undeclared-purpose"),
        (OPT_IN._replace(version=0), BOT, "bot", "undeclared-purpose"),
        (OPT_IN._replace(retired=True), BOT, "bot", "purpose-retired"),
        (OPT_IN._replace(retired=True), None, None, "purpose-retired"),
        (OPT_IN, None, "bot", "unknown-system"),
        (OPT_IN, BOT._replace(retired=True), "bot", "system-retired"),
        (OPT_IN, ROUTED._replace(purposes=frozenset({"other"})), "bot", "purpose-not-declared-for-system"),
    ],
)
def test_a_question_that_makes_no_sense_is_denied_whatever_the_person_said(
    purpose: PurposeFacts | None, system: SystemFacts | None, system_key: str | None, reason: str
) -> None:
    yes = row("given")
    answer = ask(purpose, system, (None, None, yes, yes), system_key=system_key)

    assert (answer.decision, answer.reasons, answer.choice) == ("deny", (reason,), None)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("refused", "consent-refused"),
        ("withdrawn", "consent-withdrawn"),
        ("objected", "objection"),
        ("restricted", "restriction"),
        ("opted_out", "opted-out"),
    ],
)
@pytest.mark.parametrize("purpose", [OPT_IN, OPT_OUT, NOTICE], ids=lambda p: p.mechanism)
@pytest.mark.parametrize("level", range(4))
def test_a_no_at_any_level_binds_below_a_yes_at_all_others(
    state: str, reason: str, purpose: PurposeFacts, level: int
) -> None:
    rows: list[Row | None] = [row("opt_out_reversed"), row("opt_out_reversed"), row("given"), row("given")]
    rows[level] = row(state, choice="chc_no")
    answer = ask(purpose, BOT, (rows[0], rows[1], rows[2], rows[3]))

    expected = ("all-ai-opted-out", "system-opted-out", reason, reason)[level]
    assert (answer.decision, answer.reasons, answer.choice) == ("deny", (expected,), "chc_no")


def test_reasons_go_from_the_widest_no_to_the_nearest_and_the_widest_choice_is_cited() -> None:
    rows = (
        row("objected", choice="chc_a"),
        row("opted_out", choice="chc_b"),
        row("withdrawn", choice="chc_c"),
        row("refused", choice="chc_d"),
    )

    assert ask(rows=rows).reasons == ("all-ai-opted-out", "system-opted-out", "consent-withdrawn", "consent-refused")
    assert ask(rows=rows).choice == "chc_a"
    assert ask(rows=(None, *rows[1:])).choice == "chc_b"
    assert ask(rows=(None, None, rows[2], rows[2])).reasons == ("consent-withdrawn",)


@pytest.mark.parametrize(
    ("deciding", "reason"),
    [
        (row("given", until=NOW), "consent-expired"),
        (row("given", until=NOW - 1, version=1), "consent-expired"),
        (row("expired"), "consent-expired"),
        (row("renewed", version=1), "consent-needs-renewal"),
        (row("superseded"), "consent-needs-renewal"),
        (row("invalidated"), "consent-invalidated"),
        (row("requested"), "consent-pending"),
        (row("something-new"), "consent-unknown"),
    ],
)
@pytest.mark.parametrize("purpose", [OPT_IN, OPT_OUT, NOTICE], ids=lambda p: p.mechanism)
def test_a_lapsed_choice_denies_on_every_mechanism_even_below_a_wider_yes(
    deciding: Row, reason: str, purpose: PurposeFacts
) -> None:
    assert ask(purpose, rows=(None, None, deciding, None)).reasons == (reason,)
    nearest = ask(purpose, rows=(None, None, row("given"), deciding))
    assert (nearest.decision, nearest.reasons) == ("deny", (reason,))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("given", "consent-given"),
        ("explicitly_given", "consent-explicitly-given"),
        ("renewed", "consent-renewed"),
    ],
)
def test_a_yes_in_force_allows_and_names_the_choice_behind_it(state: str, reason: str) -> None:
    answer = ask(rows=(None, None, None, row(state, until=NOW + 5_500_000, version=2)))

    assert answer == gate.Answer("allow", (reason,), "train", 3, "bot", "chc_1", "n1", NOW + 5_500_000, None, ttl=5)


def test_an_explicit_purpose_needs_a_yes_of_two_acts() -> None:
    assert ask(EXPLICIT, rows=(None, None, row("given"), None)).reasons == ("explicit-consent-needed",)
    assert ask(EXPLICIT, rows=(None, None, row("given"), None)).decision == "deny"
    assert ask(EXPLICIT, rows=(None, None, row("explicitly_given", explicit=True), None)).decision == "allow"


@pytest.mark.parametrize(
    ("purpose", "decision", "reason"),
    [
        (OPT_IN, "deny", "consent-unknown"),
        (OPT_OUT, "allow", "not-opted-out"),
        (NOTICE, "allow", "notice-only"),
        (OPT_IN._replace(mechanism="else"), "deny", "consent-unknown"),
    ],
)
def test_without_a_choice_the_mechanism_decides(purpose: PurposeFacts, decision: str, reason: str) -> None:
    back = row("opt_out_reversed")

    for rows in (NO_ROWS, (back, back, back, back), (None, None, None, back)):
        answer = ask(purpose, rows=rows)
        assert (answer.decision, answer.reasons, answer.choice) == (decision, (reason,), None)


def test_a_reversed_opt_out_gives_way_to_the_wider_choice() -> None:
    assert ask(rows=(None, None, row("given"), row("opt_out_reversed"))).decision == "allow"


def test_a_question_without_a_system_looks_at_no_systems_rows() -> None:
    rows = (None, row("opted_out"), row("given"), row("withdrawn"))

    assert ask(system=None, system_key=None, rows=rows).decision == "allow"
    assert ask(rows=rows).decision == "deny"


def test_a_refusal_by_the_person_goes_to_a_human_where_there_is_one() -> None:
    answer = ask(system=ROUTED, rows=(None, None, row("withdrawn"), None))

    assert (answer.decision, answer.human_route) == ("human_route", "desk")
    assert ask(system=ROUTED).decision == "human_route"
    assert ask(system=ROUTED, rows=(None, None, row("given"), None)).human_route is None
    assert ask(None, ROUTED).decision == "deny"


def test_nothing_but_a_yes_in_force_or_the_mechanism_ever_allows() -> None:
    kinds = [None, *(row(state) for state in sorted(STATES)), row("given", until=NOW), row("given", version=1)]
    live = {"given", "explicitly_given", "renewed"}
    for rows in itertools.product(kinds, repeat=4):
        levels: Levels = (rows[0], rows[1], rows[2], rows[3])
        for purpose in (OPT_IN, OPT_OUT):
            answer = ask(purpose, rows=levels)
            if answer.decision != "allow":
                continue
            assert not any(level is not None and level.state in NO for level in rows)
            deciding = next((r for r in (rows[3], rows[2]) if r is not None and r.state != "opt_out_reversed"), None)
            if deciding is None:
                assert purpose is OPT_OUT
            else:
                assert deciding.state in live & YES
                assert deciding.valid_until is None
                assert deciding.purpose_version >= purpose.material


def test_the_answer_goes_out_with_its_members_in_order() -> None:
    answer = ask(system=ROUTED, rows=(None, None, row("given", until=NOW + 10_000_000), None))

    assert gate.wire(answer) == (
        b'{"decision":"allow","reasons":["consent-given"],"purpose":"train","purpose_version":3,"system":"bot",'
        b'"choice":"chc_1","notice_version":"n1","human_route":null,"ttl":10}'
    )
    assert list(orjson.loads(gate.wire(ask(None, None, system_key=None))).values()) == [
        "deny", ["undeclared-purpose"], "train", None, None, None, None, None, 60,
    ]  # fmt: skip
