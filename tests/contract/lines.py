"""Teaches schemathesis to send lines of JSON (application/x-ndjson)."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_: object, value: Any) -> bytes:
    """Write a generated value as it is if it is text, else as one line of JSON."""
    text = value if isinstance(value, str) else json.dumps(value) + "\n"
    return text.encode("utf-8", errors="surrogatepass")
