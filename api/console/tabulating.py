"""Tables that stay tables when they are too wide for the screen: each cell carries the name of its column.

Below a certain width a row is shown as a card; the style sheet takes the names from the cells. Roles are written out,
because browsers forget that a table is one once its boxes are laid out otherwise. Works on our own markup only.
"""

import re
from itertools import cycle

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_HEAD = re.compile(r'<th scope="col"[^>]*>(.*?)</th>', re.DOTALL)
_CELL = re.compile(r'<(td|th scope="row")')
_TAG = re.compile(r"<[^>]+>")
_PLAIN = (
    ("<table>", '<table role="table">'),
    ("<thead>", '<thead role="rowgroup">'),
    ("<tbody>", '<tbody role="rowgroup">'),
    ("<tr>", '<tr role="row">'),
    ('<th scope="col"', '<th role="columnheader" scope="col"'),
)


def labelled(html: str) -> str:
    """Return a page whose tables' cells name their columns."""
    return _TABLE.sub(lambda match: _table(match[0]), html)


def _table(html: str) -> str:
    heads = [_TAG.sub("", head).strip() for head in _HEAD.findall(html)]
    front, mark, body = html.partition("<tbody>")
    if heads and "colspan" not in body:
        names = cycle(heads)
        body = _CELL.sub(lambda match: _cell(match[1], next(names)), body)
    whole = front + mark + body
    for plain, told in _PLAIN:
        whole = whole.replace(plain, told)
    return whole


def _cell(kind: str, name: str) -> str:
    role = "cell" if kind == "td" else "rowheader"
    return f'<{kind} role="{role}" data-label="{name}"'
