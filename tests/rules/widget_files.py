"""Makes the widget's served files from their sources; ``python -m tests.rules.widget_files`` writes them again.

One file for pages (client and panel), the scripts that come later, one for site code (the client alone), the types, and
a lock with their hashes.
"""

import hashlib
import json
import re
import tomllib
from base64 import b64encode
from hashlib import sha256
from typing import Final

import minify

from tests.rules.sources import ROOT

WIDGET: Final = ROOT / "disclosures" / "widget"
SERVED: Final = WIDGET / "served"
LATER: Final = ("candor-panel.js", "candor-marks.js", "candor-why.js", "candor-chat.js")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./candor-core\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_SHEET = re.compile(r"replaceSync\(`(.*?)`\)", re.DOTALL)


def _source(name: str) -> str:
    return (WIDGET / "source" / name).read_text(encoding="utf-8")


def version() -> str:
    """Return the version of the served files: the product's, and the digest of everything they are made of."""
    product = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    digest = sha256()
    for path in sorted((*(WIDGET / "source").iterdir(), *(WIDGET / "words").iterdir())):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{product}-{digest.hexdigest()[:8]}"


def _small(script: str) -> str:
    small = _SHEET.sub(lambda found: f"replaceSync(`{minify.string('text/css', found[1])}`)", script)
    text: str = minify.string("application/javascript", small)
    return text


def _integrity(raw: bytes, kind: str = "sha384") -> str:
    return f"{kind}-{b64encode(hashlib.new(kind, raw).digest()).decode()}"


def built() -> dict[str, bytes]:
    """Return every served file by its name, the lock included."""
    core = _source("candor-core.js").replace('VERSION = "source"', f'VERSION = "{version()}"')
    later = {name: _small(_source(name)).encode() for name in LATER}
    hashes = json.dumps({name: _integrity(raw, "sha256") for name, raw in later.items()})
    page = core + _IMPORT.sub("", _source("candor.js")).replace("PARTS = {}", f"PARTS = {hashes}")
    made = {
        # nothing of it is global or exported, so that every name can be short
        "candor.js": _small(f"(() => {{{_EXPORT.sub('', page)}}})();").encode(),
        **later,
        "candor-core.js": _small(core).encode(),
        "candor.d.ts": _source("candor.d.ts").encode(),
    }
    lock = {"version": version(), "integrity": {name: _integrity(raw) for name, raw in made.items()}}
    return {**made, "lock.json": (json.dumps(lock, indent=1) + "\n").encode()}


def write() -> None:
    """Write the served files."""
    SERVED.mkdir(exist_ok=True)
    for name, raw in built().items():
        (SERVED / name).write_bytes(raw)


if __name__ == "__main__":
    write()
