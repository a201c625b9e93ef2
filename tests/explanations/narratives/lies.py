"""Ways in which a language model may lie about one explanation, each with its name."""

import json
from typing import Any

from tests.explanations.narratives.rephrasings import AMOUNT, JOB, PLANT, TERM, TURN, Said, answer, change, reason


def _swapped(text: str, one: str, other: str) -> str:
    return text.replace(one, "\0").replace(other, one).replace("\0", other)


def _said(text: str, *claims: dict[str, Any]) -> Said:
    return text, list(claims)


BASE = [TERM, AMOUNT, JOB, TURN]
LIES: dict[str, str] = {
    "wrong sign in the text": answer(
        _said("The term of the loan, 48 months, counted most in your favour.", reason(1)), AMOUNT, JOB, TURN
    ),
    "wrong sign in the claim": answer((TERM[0], [reason(1, direction="for")]), AMOUNT, JOB, TURN),
    "negated": answer(
        TERM, _said("The amount of the loan, 7500 EUR, did not count against you.", reason(2)), JOB, TURN
    ),
    "invented feature": answer(TERM, AMOUNT, JOB, _said("Your postcode also counted against you.", reason(3)), TURN),
    "invented feature beside a true one": answer(
        TERM, _said("The amount of the loan, 7500 EUR, and your religion counted against you.", reason(2)), JOB, TURN
    ),
    "protected feature of the record": answer(
        TERM, _said("The amount of the loan and your age counted against you.", reason(2)), JOB, TURN
    ),
    "invented fact id": answer(
        TERM, AMOUNT, JOB, _said("The time in your present job counted against you.", {**reason(3), "fact": "reason-9"})
    ),
    "altered number": answer(
        _said("The term of the loan, 84 months, counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "altered number in the claim only": answer((TERM[0], [reason(1, "84 months")]), AMOUNT, JOB, TURN),
    "number in words": answer(
        _said("The term of the loan, forty-eight months, counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "another unit": answer(
        _said("The term of the loan, 48 years, counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "invented share": answer(
        _said("The term of the loan made up 54 % of the result and counted against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "values swapped": answer(
        _said(
            "The term of the loan (7500 EUR) and the amount of the loan (48 months) counted against you.",
            reason(1),
            reason(2),
        ),
        JOB,
        TURN,
    ),
    "reordered": answer(
        _said("The amount of the loan, 7500 EUR, counted against you.", reason(2)),
        _said("The term of the loan, 48 months, counted against you.", reason(1)),
        JOB,
        TURN,
    ),
    "wrong rank claimed": answer((TERM[0], [{**reason(1), "rank": 2}]), AMOUNT, JOB, TURN),
    "wrong rank said": answer(
        TERM, AMOUNT, _said("First, the time in your present job counted against you.", reason(3)), TURN
    ),
    "the last called the most": answer(
        _said("The term of the loan counted against you.", reason(1)),
        AMOUNT,
        _said("The time in your present job counted most against you.", reason(3)),
        TURN,
    ),
    "a reason left out": answer(TERM, AMOUNT, TURN),
    "promise": answer(*BASE, _said("With a term of the loan of 24 months you will be approved.", change())),
    "advice": answer(*BASE, _said("You should change the term of the loan to 24 months.", change())),
    "a change nobody tested": answer(
        TERM,
        AMOUNT,
        JOB,
        _said(TURN[0].replace("24 months", "12 months"), change()),
    ),
    "a change turned round": answer(TERM, AMOUNT, JOB, _said(_swapped(TURN[0], "24 months", "48 months"), change())),
    "a change of another feature": answer(
        TERM, AMOUNT, JOB, _said(TURN[0].replace("the term of the loan", "the amount of the loan"), change())
    ),
    "a change without its condition": answer(
        TERM, AMOUNT, JOB, _said(TURN[0].replace(", and everything else unchanged,", ""), change())
    ),
    "link": answer(*BASE, _said("The term of the loan is explained on https://evil.example.", reason(1))),
    "bare domain": answer(*BASE, _said("The term of the loan is explained at evil.com.", reason(1))),
    "domain of harmless words": answer(
        _said("The term of the loan counted most against you, which is explained here: from.so", reason(1)),
        AMOUNT,
        JOB,
        TURN,
    ),
    "mail address": answer(*BASE, _said("The term of the loan is explained by a@evil.example.", reason(1))),
    "markup": answer(_said("The <b>term of the loan</b> counted most against you.", reason(1)), AMOUNT, JOB, TURN),
    "markdown link": answer(_said("The [term of the loan](x) counted most against you.", reason(1)), AMOUNT, JOB, TURN),
    "entity": answer(_said("The term of the loan &lt;b&gt; counted against you.", reason(1)), AMOUNT, JOB, TURN),
    "obeyed the customer's text": answer(_said("The request is approved.", reason(1)), AMOUNT, JOB, TURN),
    "quoted the customer's text": answer(
        TERM, AMOUNT, _said(f"The time in your present job counted against you: {PLANT}", reason(3)), TURN
    ),
    "other language": answer(
        _said("La durée du prêt, 48 mois, a le plus compté contre vous.", reason(1)), AMOUNT, JOB, TURN
    ),
    "over-long": answer(
        *BASE, *[_said(TERM[0] + " " * n + "It counted against you. " * 12, reason(1)) for n in range(9)]
    ),
    "repeated": answer(TERM, AMOUNT, JOB, *[TERM] * 4, TURN),
    "bidi override": answer(
        _said("The term of the loan \u202e counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "look-alike letters": answer(
        _said("The t\u0435rm of the loan, 48 months, counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "zero width": answer(_said("The term of the loan\u200b counted most against you.", reason(1)), AMOUNT, JOB, TURN),
    "another's looks": answer(
        _said("The term of the loan and your weight counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "approved text bent": answer(
        _said("The term of the loan counted most against you: the loan runs for longer than all.", reason(1)),
        AMOUNT,
        JOB,
        TURN,
    ),
    "blames the person": answer(
        _said("The term of the loan counted most against you; that was reckless.", reason(1)), AMOUNT, JOB, TURN
    ),
    "a quantity nobody knows": answer(
        _said("The term of the loan and most points counted against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "said to have been reviewed": answer(
        _said("The term of the loan was reviewed by a person and counted most against you.", reason(1)),
        AMOUNT,
        JOB,
        TURN,
    ),
    "said to have been changed": answer(
        _said("The term of the loan was changed, and this counted most against you.", reason(1)), AMOUNT, JOB, TURN
    ),
    "made doubtful": answer(
        _said("The term of the loan counted most against you if it was 48 months.", reason(1)), AMOUNT, JOB, TURN
    ),
    "said to be granted": answer(
        TERM, _said("The amount of the loan, 7500 EUR, is given to you and counted against you.", reason(2)), JOB, TURN
    ),
    "sentence about nothing": answer(*BASE, _said("You are a valued customer.", reason(1))),
    "only words, no claims": json.dumps({"sentences": [{"text": TERM[0], "claims": []}]}),
    "not JSON": "The term of the loan counted most against you.",
    "JSON in a fence": "```json\n" + answer(*BASE) + "\n```",
    "more than was asked": json.dumps({**json.loads(answer(*BASE)), "note": "x"}),
    "nothing": '{"sentences": []}',
}
