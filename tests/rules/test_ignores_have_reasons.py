"""Whoever silences a tool names the rule and says why, on the same line."""

import io
import re
import tokenize

from tests.rules.sources import Source, gather, planted, product, suite

DIRECTIVE = re.compile(
    r"type:\s*ignore(?P<types>\[[^\]]*\])?"
    r"|noqa(?P<codes>:\s*[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)?"
    r"|(?:pragma:\s*no\s*(?:cover|branch))",
)
FEWEST_LETTERS = 5


def comments(source: Source) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    return [(t.start[0], t.string) for t in tokens if t.type == tokenize.COMMENT]


def offences(source: Source) -> list[str]:
    found = []
    for line, comment in comments(source):
        directives = list(DIRECTIVE.finditer(comment))
        if not directives:
            continue
        if any(not d["types"] and not d["codes"] and "pragma" not in d[0] for d in directives):
            found.append(f"{source.path}:{line} silences everything: {comment}")
        rest = re.sub(r"[^A-Za-z]", "", DIRECTIVE.sub("", comment))
        if len(rest) < FEWEST_LETTERS and rest != "same":
            found.append(f"{source.path}:{line} gives no reason: {comment}")
    return found


def test_every_ignore_has_its_reason() -> None:
    found = gather(*(offences(s) for s in product() + suite()))

    assert not found, found


def test_a_bare_ignore_is_found() -> None:
    assert offences(planted("x = 1  # type: ignore\n"))
    assert offences(planted("x = 1  # type: ignore[arg-type]\n"))
    assert offences(planted("x = 1  # noqa: S311, E501\n"))
    assert offences(planted("x = 1  # noqa\n"))
    assert not offences(planted("x = 1  # type: ignore[arg-type]  # the stub forgets None\n"))
    assert not offences(planted("x = 1  # noqa: S311 - jitter needs no secrecy\n"))
