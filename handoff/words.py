"""What is said of who answers, in the customer's language: facts from the state, words from here."""

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "ai": "You are talking to an AI system, not to a person. You can ask for a person at any time.",
        "waiting": "You are waiting for a person. No AI answers you now.",
        "human": "You are talking to a person.",
    },
    "de": {
        "ai": "Sie sprechen mit einem KI-System, nicht mit einem Menschen. Sie können jederzeit nach einem fragen.",
        "waiting": "Sie warten auf einen Menschen. Es antwortet Ihnen jetzt keine KI.",
        "human": "Sie sprechen mit einem Menschen.",
    },
    "es": {
        "ai": "Está hablando con un sistema de IA, no con una persona. Puede pedir una persona en cualquier momento.",
        "waiting": "Está esperando a una persona. Ahora no le responde ninguna IA.",
        "human": "Está hablando con una persona.",
    },
    "fr": {
        "ai": "Vous parlez à un système d'IA, pas à une personne. Vous pouvez demander une personne à tout moment.",
        "waiting": "Vous attendez une personne. Aucune IA ne vous répond en ce moment.",
        "human": "Vous parlez à une personne.",
    },
}


def who_answers(handler: str, language: str) -> str:
    """Return the sentence that says truthfully who answers (``ai``, ``waiting`` or ``human``); English if unknown."""
    return _WORDS.get(language.split("-", maxsplit=1)[0], _WORDS["en"])[handler]
