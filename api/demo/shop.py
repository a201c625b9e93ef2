"""The demo's shop: the files of ``examples/shop`` with this demo's address in them, where they are at hand."""

from pathlib import Path
from string import Template

from api.demo.seed import DemoFacts
from api.widget.files import lock

FOLDER = Path(__file__).parents[2] / "examples" / "shop"
KINDS = {"index.html": "text/html", "shop.css": "text/css", "shop.js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def is_there() -> bool:
    """Tell whether this demo runs from a checkout, which has the examples."""
    return FOLDER.joinpath("index.html").is_file()


def file(name: str, facts: DemoFacts, origin: str) -> tuple[str, str] | None:
    """Return a file's text and media type, or nothing if there is no such file."""
    if name not in KINDS or not is_there():
        return None
    text = FOLDER.joinpath(name).read_text(encoding="utf-8")
    if name == "index.html":
        told = {"VERSION": lock().version, "INTEGRITY": lock().integrity["candor.js"]}
        text = Template(text).substitute(told, CANDOR=origin, SITE=facts.publishable_keys["shop"])
    return text, KINDS[name]
