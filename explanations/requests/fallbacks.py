"""Answers in a language nobody wrote words for yet: said in that language, so that nobody takes it for a mistake.

The sentences are machine-made and want a native reader each; they promise nothing but what is so.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from explanations.requests.wording import languages


@cache
def _sentences() -> Mapping[str, str]:
    document = tomllib.loads((files(__package__) / "fallbacks.toml").read_text(encoding="utf-8"))
    found: dict[str, str] = document["notice"]
    return found


def notice(language: str) -> str | None:
    """Return the sentence that says why an answer is in English; nothing where it is in the person's own language."""
    main = language.partition("-")[0].lower()
    if main in languages():
        return None
    known = _sentences()
    return known.get(main, known["other"])
