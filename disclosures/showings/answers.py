"""The words of the answer to "am I talking to a human?" (Utah Code 13-75-103; Cal. B&P 17941; EU AI Act Art. 50(1)).

For the person in her language, and for the model as a fragment of its prompt. Who speaks decides; nothing else does.
"""

import json
from functools import cache
from importlib.resources import files
from typing import NamedTuple

FALLBACK = "en"


class Words(NamedTuple):
    """What to answer, the language it is in, and what to tell the model."""

    answer: str
    language: str
    prompt: str


@cache
def _all() -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads(
        files(__package__).joinpath("answers.json").read_text(encoding="utf-8")
    )
    return found


def words(who: str, language: str) -> Words:
    """Return what to say where ``who`` (``ai``, ``human`` or ``mixed``) speaks."""
    document = _all()
    answers = document["answers"]
    spoken = next((one for one in (language, language.partition("-")[0]) if one in answers), FALLBACK)
    return Words(answers[spoken][who], spoken, document["prompts"][FALLBACK][who])
