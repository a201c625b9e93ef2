"""What the pages say in a language that has no catalogue of its own: the words they share with the widget's catalogue.

The rest stays English and is marked as English; the widget's translations are machine-made and await native speakers.
"""

from collections.abc import Mapping
from typing import Final

from disclosures.widget import words

# key of a page's text: the widget's words in braces, and the page's own fields in double braces
_LENT: Final[Mapping[str, str]] = {
    "page.title": "{choices}: {{site}}",
    "page.headline": "{badge}",
    "page.lead": "{notice}",
    "you.account": "{account}",
    "gpc.headline": "{gpc}",
    "choice.allow": "{yes}",
    "choice.refuse": "{no}",
    "choice.no_choice": "{locked}",
    "state.on": "{on}",
    "state.off": "{off}",
    "why.consent_unknown": "{undecided}",
    "why.signal_now": "{by_signal}",
    "all.off": "{all_off}",
    "all.on": "{all_on}",
    "all.what": "{all_note}",
    "uses.headline": "{uses}",
    "confirm.lead": "{explicit}",
    "confirm.yes": "{yes}",
    "confirm.no": "{no}",
    "done.receipt": "{receipt}",
    "done.same": "{same}",
    "receipts.download": "{receipt}",
    "error.unavailable_detail": "{failed}",
    "foot.person": "{person}",
    "about.title": "{badge}: {{site}}",
    "about.headline": "{badge}",
    "about.lead": "{notice}",
    "about.uses": "{uses}",
    "about.human": "{contact}",
    "about.choices": "{choices}",
    "about.choose": "{choices}",
    "changes.back": "{badge}",
}


def lender_of(language: str) -> str | None:
    """Return the widget's catalogue that can lend words to a page in ``language``, if there is one but English."""
    found = words.nearest(language)
    return None if found == words.FALLBACK else found


def name_of(language: str) -> str:
    """Return how the language of a catalogue calls itself."""
    meta = words.catalogue(language)["_meta"]
    return meta["name"] if isinstance(meta, dict) else language


def texts(language: str) -> dict[str, str]:
    """Return the page's texts that the widget's catalogue of ``language`` can say, by ``section.key``."""
    lent = {key: text for key, text in words.catalogue(language).items() if isinstance(text, str)}
    return {key: pattern.format_map(lent) for key, pattern in _LENT.items()}
