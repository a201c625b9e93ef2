"""Case numbers: to be said aloud and written down, and impossible to guess or to count.

Twelve letters and digits without I, L, O and U (Crockford's base 32), 60 random bits. A number opens nothing: whoever
asks with it needs a credential or a link besides.
"""

import re
import secrets
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHAPE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")
_MISHEARD: Final = str.maketrans("ILOU", "110V")


def new() -> str:
    """Make a number such as ``7K2M-QX4D-9RTA``."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


def read(text: str) -> str | None:
    """Return a number as it is kept, however it was written; nothing if it can't be one."""
    letters = "".join(ch for ch in text.upper() if ch.isalnum()).translate(_MISHEARD)
    written = "-".join((letters[:4], letters[4:8], letters[8:]))
    return written if _SHAPE.fullmatch(written) else None
