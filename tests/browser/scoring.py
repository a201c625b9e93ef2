"""A model of the company's own behind a plain HTTP server: what an administrator connects in the browser tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from examples.credit.trees import Trees

KEY = "Bearer model-key-1"


class Scorer(BaseHTTPRequestHandler):
    """``POST /score {"applicants": [{...}]}`` with a key answers ``{"scores": [{"p_bad": 0.5}], "model": {...}}``."""

    model = Trees()

    def do_POST(self) -> None:
        """Answer one request."""
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/score" or self.headers.get("Authorization") != KEY:
            self.send_error(401)
            return
        rows = [[one[name] for name in self.model.features] for one in told["applicants"]]
        scores = [{"p_bad": value} for value in self.model.predict(rows)]
        body = json.dumps({"model": {"version": self.model.version}, "scores": scores}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def scoring() -> Iterator[str]:
    """Run the server and yield its host and port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scorer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()
