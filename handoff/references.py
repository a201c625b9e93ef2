"""Reference numbers that people can say, hear and type: eight letters and digits that sound and look apart."""

import secrets

_ALPHABET = "234679ACDEFHJKLMNPQRTUVWXY"  # without 0 O, 1 I, 5 S, 8 B, G Z


def new() -> str:
    """Return a fresh reference such as ``K7QM-4TEX``: 37 bits, unique in a tenant by the table's index."""
    drawn = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def read(text: str) -> str:
    """Return a reference as it is stored from what somebody typed: case, blanks and dashes do not matter."""
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    return f"{plain[:4]}-{plain[4:]}"
