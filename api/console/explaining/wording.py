"""The consoles' words for explanations: grades, flags, ways, checks, and how a model's endpoint has answered."""

from typing import Final

CONDITIONS: Final = {
    "not-asked": ("not asked since the start", "open"),
    "answers": ("answers", "good"),
    "failing": ("failed the last time", "wrong"),
    "resting": ("failed often: left alone for half a minute", "wrong"),
}
GRADES: Final = {
    "A": ("A: every check passed", "good"),
    "B": ("B: one point is open", "good"),
    "C": ("C: recorded or stated, not tested here", "open"),
    "fail": ("Not an explanation: a person has to look", "wrong"),
}
FLAGS: Final = {
    "base_unknown": "It is not known what the shares start from.",
    "output_unknown": "The output that is explained is not named.",
    "class_unknown": "The class that is explained is not named.",
    "space_unknown": "It is not known what the numbers measure.",
    "names_from_config": "The inputs' names come from the configuration, not from the answer.",
    "version_unknown": "The model does not name its version.",
    "version_changed": "Another version of the model is deployed now.",
    "replay_mismatch": "The model answers the logged inputs differently now.",
    "order_uncertain": "The order of the reasons is not certain.",
    "sampled": "The shares are estimates; their errors are known.",
    "stated_by_producer": "It is what the producer said when it decided; nobody tested it.",
    "upstream_free_form": "The server's explanation has no fixed form.",
    "prohibited_in_topk": "A protected trait is among the reasons: nothing is sent.",
    "withheld_parts": "One part is withheld, with its ground.",
    "class_mismatch": "The server explained another class.",
    "additivity_failed": "The server's shares do not add up to its output.",
    "direction_failed": "The model moves the other way than its explanation says.",
    "unreliable": "Nothing reliable can be said.",
    "reasons_unmapped": "A reason has no approved words.",
    "reasons_incomplete": "The reasons are true, but not the whole story.",
    "narrative_fidelity": "A language model's words were refused; the template speaks.",
}
ORIGINS: Final = {
    "pushed": "said by the producer when it decided",
    "native": "said by the model's server, checked against its predictions",
    "blackbox": "worked out from the model's predictions",
    "rule": "a rule that the server named",
    "llm_evidence": "what was on record, and what changed when inputs were changed",
    "none": "there is none",
}
WAYS: Final = {
    "pushed": "What the producer sent",
    "replay": "The logged inputs asked again",
    "native": "The server's own explanation",
    "blackbox": "Worked out from predictions",
    "rule": "The server's rule",
    "llm_evidence": "Evidence of a language model",
    "none": "No way was left",
}


def words(table: dict[str, tuple[str, str]], key: str) -> tuple[str, str]:
    """Return the words and the shape of a key."""
    return table.get(key, (key.replace("_", " "), "open"))


def outcome(code: str) -> str:
    """Return how a way ended, in words."""
    return "used" if code == "used" else code.replace("-", " ")
