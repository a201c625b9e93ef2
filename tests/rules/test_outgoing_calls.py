"""Every call to another machine goes through core/http.py, which refuses one inside a transaction."""

from tests.rules.sources import Source, gather, planted, product

LIBRARIES = {"httpx", "httpx2", "openai", "requests", "aiohttp", "urllib3", "websockets", "socket"}
HOME = "core/http.py"
# the server opens listening sockets and resolves addresses to judge them; neither sends a request
# and adapters hand the library a client of core/http.py
LISTENERS = {"socket": ("api/",), "openai": ("explanations/narratives/adapters/",)}


def offences(source: Source) -> list[str]:
    found = []
    for module, line in source.imports():
        library = module.split(".")[0]
        if library not in LIBRARIES and not module.startswith("urllib.request"):
            continue
        if source.path == HOME or source.path.startswith(LISTENERS.get(library, ("\0",))):
            continue
        found.append(f"{source.path}:{line} imports {module}")
    return found


def test_only_core_http_calls_out() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_a_call_from_elsewhere_is_found() -> None:
    assert offences(planted("import httpx\n", "core/telemetry.py"))
    assert offences(planted("from urllib.request import urlopen\n", "ledger/service.py"))
    assert offences(planted("import openai\n", "explanations/narratives/service.py"))
    assert not offences(planted("import httpx\n", "core/http.py"))
    assert not offences(planted("from urllib.parse import quote\n", "ledger/service.py"))
