"""What differs between two versions of a notice, member by member; pure."""

from typing import Any, NamedTuple

from disclosures.notices.documents import NoticeDocument


class Difference(NamedTuple):
    """One member that differs: its JSON pointer, and what it said before and after."""

    pointer: str
    before: Any
    after: Any


def differences(before: NoticeDocument, after: NoticeDocument) -> list[Difference]:
    """Return what differs, in the order of the document."""
    return list(_compare("", before.as_json(), after.as_json()))


def _compare(pointer: str, before: Any, after: Any) -> list[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [found for name in names for found in _compare(f"{pointer}/{name}", before.get(name), after.get(name))]
    return [] if before == after else [Difference(pointer, before, after)]
