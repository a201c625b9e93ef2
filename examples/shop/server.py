"""The shop's back-end, standard library only: serves the page and vouches for its customer with short-lived tokens.

Needs CANDOR (the service's address), CANDOR_SITE (the publishable key), CANDOR_TOKEN_KID and CANDOR_TOKEN_SECRET
(what POST /v1/sites/{id}/token-keys answered, once), CANDOR_KEY (an API key with `handoffs:ask`, for the chat: what is
said is reported, and once somebody asks for a person the program is silent). Usage: python server.py [port]
"""

import hmac
import json
import os
import secrets
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.request import Request, urlopen

FOLDER = Path(__file__).parent
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
CANDOR = os.environ["CANDOR"].rstrip("/")
SITE = os.environ["CANDOR_SITE"]
ANSWER = "Your order is on its way. Ask for a person if that does not help."
POLICY = (
    f"default-src 'none'; script-src 'self' {CANDOR}; style-src 'self'; connect-src 'self' {CANDOR}; "
    "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def coded(raw: bytes) -> str:
    """Return bytes in base64url without padding (RFC 7515)."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(customer: str) -> str:
    """Return a customer token (HS256, 15 minutes) for a customer who is signed in here."""
    secret = urlsafe_b64decode(os.environ["CANDOR_TOKEN_SECRET"] + "==")
    now = int(time.time())
    header = {"alg": "HS256", "typ": "customer+jwt", "kid": os.environ["CANDOR_TOKEN_KID"]}
    claims = {"aud": SITE, "sub": customer, "iat": now, "exp": now + 900, "jti": secrets.token_hex(8)}
    signed = ".".join(coded(json.dumps(part).encode()) for part in (header, claims))
    return signed + "." + coded(hmac.digest(secret, signed.encode(), "sha256"))


def page() -> bytes:
    """Return the page with the address, version and hash of the script that this service serves."""
    with urlopen(f"{CANDOR}/widget/lock.json", timeout=10) as answer:  # noqa: S310 -- the operator's own address
        lock = json.load(answer)
    facts = {"CANDOR": CANDOR, "SITE": SITE, "VERSION": lock["version"], "INTEGRITY": lock["integrity"]["candor.js"]}
    return Template((FOLDER / "index.html").read_text(encoding="utf-8")).substitute(facts).encode()


def reported(*turns: dict[str, str], conversation: str) -> dict[str, object]:
    """Report what was said by the signed-in customer or the program; return what follows, such as `ai_may_speak`."""
    told = {
        "subject": "customer-4711",
        "conversation": conversation,
        "touchpoint": "shop-chat",
        "system": "support-chatbot",
        "turns": turns,
    }
    headers = {"Authorization": f"Bearer {os.environ['CANDOR_KEY']}", "Content-Type": "application/json"}
    asked = Request(f"{CANDOR}/v1/conversations/turns", json.dumps(told).encode(), headers)  # noqa: S310 -- the operator's own address
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 -- see above
        heard: dict[str, object] = json.load(answer)
    return heard


def answered(text: str, conversation: str) -> dict[str, object]:
    """Answer a question by the program, unless a person was asked for: then nothing is said."""
    heard = reported({"speaker": "customer", "text": text}, conversation=conversation)
    if not heard["ai_may_speak"]:
        return {"text": None, "handed_over": heard["handoff"] is not None}
    reported({"speaker": "ai", "text": ANSWER}, conversation=conversation)
    return {"text": ANSWER, "handed_over": False}


class Shop(BaseHTTPRequestHandler):
    """Three files and a token."""

    def do_GET(self) -> None:
        """Serve the page and its files."""
        name = self.path.partition("?")[0].strip("/") or "index.html"
        file = FOLDER / name
        if name not in {"index.html", "shop.css", "shop.js"}:
            self.send_error(404)
            return
        self.answer(page() if name == "index.html" else file.read_bytes(), KINDS[file.suffix])

    def do_POST(self) -> None:
        """Vouch for the customer, or answer her; a real shop looks at its own session first."""
        if self.path not in {"/token", "/say"} or self.headers.get("Sec-Fetch-Site") not in {None, "same-origin"}:
            self.send_error(404)
        elif self.path == "/token":
            self.answer(token("customer-4711").encode(), "text/plain")
        else:
            said = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 8192)))
            self.answer(json.dumps(answered(said["text"], said["conversation"])).encode(), "application/json")

    def answer(self, body: bytes, kind: str) -> None:
        """Send one whole answer."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8788
    with ThreadingHTTPServer(("127.0.0.1", port), Shop) as server:
        print(f"http://localhost:{server.server_address[1]}/", flush=True)
        server.serve_forever()
