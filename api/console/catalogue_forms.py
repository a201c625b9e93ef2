"""The documents of purposes and AI systems as fields of forms, and back: what people fill in instead of JSON.

A field has the name of its place in the document, with hyphens between (``texts-en-name``), so that a fault found in
the document is shown beside the field it stands in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from consent.purposes.documents import LANGUAGE_PATTERN, Kind, LawfulBasis
from core.errors import InvalidError
from disclosures.documents import Channel, RiskClass

KINDS: Final[tuple[str, ...]] = get_args(Kind)
BASES: Final[tuple[str, ...]] = get_args(LawfulBasis)
MECHANISMS: Final = ("opt_in", "opt_out", "notice_only")
CHANNELS: Final[tuple[str, ...]] = get_args(Channel)
RISKS: Final[tuple[str, ...]] = get_args(RiskClass)
TEXTS: Final = ("name", "text", "logic_summary", "consequences", "withdrawal")
_LISTS: Final = ("data_categories", "recipients", "transfers", "storage_locations", "jurisdictions")
_TICKS: Final = ("special_category", "explicit", "gpc")
_LINES: Final = ("kind", "lawful_basis", "mechanism", "retention", "validity")
_TEXT_FIELD = re.compile(r"texts-(.+)-(\w+)")
_LANGUAGE = re.compile(LANGUAGE_PATTERN)


def of_purpose(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a purpose's document."""
    found: dict[str, Any] = {"key": document.get("key", "")}
    found |= {name: document.get(name) or "" for name in _LINES}
    found |= {name: "\n".join(document.get(name) or ()) for name in _LISTS}
    found |= {name: document.get(name, False) for name in _TICKS}
    texts = document.get("texts", {"en": {}})
    for language, text in sorted(texts.items(), key=lambda pair: (pair[0] != "en", pair[0])):
        found |= {f"texts-{language}-{part}": text.get(part) or "" for part in TEXTS}
    return found


def languages_of(values: Mapping[str, Any]) -> list[str]:
    """Return the languages whose texts stand in a form, in its order."""
    found = (_TEXT_FIELD.fullmatch(name) for name in values)
    return list(dict.fromkeys(match[1] for match in found if match is not None and match[2] in TEXTS))


def with_language(values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a form with empty fields for one more language. Raises ``InvalidError``."""
    if _LANGUAGE.fullmatch(language) is None or language in languages_of(values):
        raise InvalidError.field("/add_language", "a language this purpose has no text in yet, such as de or pt-BR")
    return {**values, **{f"texts-{language}-{part}": "" for part in TEXTS}}


def to_purpose(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the document that a form's fields make; a language whose fields are all empty is left out."""
    texts = {}
    for language in languages_of(values):
        text = {part: values.get(f"texts-{language}-{part}", "").strip() for part in TEXTS}
        if any(text.values()):
            texts[language] = {
                part: said or (None if part not in {"name", "text"} else "") for part, said in text.items()
            }
    found: dict[str, Any] = {"key": values.get("key", "").strip(), "texts": texts}
    found |= {name: values.get(name, "").strip() for name in _LINES}
    found["validity"] = found["validity"] or None
    found |= {name: _lines(values.get(name, "")) for name in _LISTS}
    found |= {name: values.get(name) == "yes" for name in _TICKS}
    return found


def _lines(text: str) -> list[str]:
    """Return what stands one a line: a line may have commas in it, such as a company and its town."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def of_system(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an AI system's document."""
    names = ("key", "name", "provider", "owner", "contact", "human_alternative", "no_human_alternative_reason")
    found: dict[str, Any] = {name: document.get(name) or "" for name in names}
    found |= {"role": document.get("role", "deployer"), "risk_class": document.get("risk_class", "not_assessed")}
    found |= {f"purposes-{key}": True for key in document.get("purposes", ())}
    found |= {f"channels-{channel}": True for channel in document.get("channels", ())}
    versions = document.get("versions", ())
    found["versions"] = "\n".join(
        " | ".join(filter(None, (one["model"], one["version"], one.get("note")))) for one in versions
    )
    return found


def to_system(values: Mapping[str, str], purposes: Sequence[str]) -> dict[str, Any]:
    """Return the document that a form's fields make; ``purposes`` are those it could choose from."""
    names = ("key", "name", "provider", "role", "owner", "contact", "risk_class")
    found: dict[str, Any] = {name: values.get(name, "").strip() for name in names}
    for name in ("human_alternative", "no_human_alternative_reason"):
        found[name] = values.get(name, "").strip() or None
    found["purposes"] = [key for key in purposes if values.get(f"purposes-{key}") == "yes"]
    found["channels"] = [channel for channel in CHANNELS if values.get(f"channels-{channel}") == "yes"]
    found["versions"] = [_version(line) for line in values.get("versions", "").splitlines() if line.strip()]
    return found


def _version(line: str) -> dict[str, str | None]:
    model, _, rest = (part.strip() for part in line.partition("|"))
    version, _, note = (part.strip() for part in rest.partition("|"))
    return {"model": model, "version": version, "note": note or None}
