"""Pages of somebody else's site, at another origin than Candor's, that embed the widget; and what is asked of them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, Page, Response

from tests.browser.demo import Demo

LANGUAGES = (
    *("en", "ar", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "he", "hi", "hr", "hu", "it", "ja", "ko"),
    *("lt", "lv", "mt", "nl", "pl", "pt", "pt-BR", "ro", "sk", "sl", "sv", "zh"),
)


class Host:
    """A web server of another origin; ``put`` a page, then visit ``url`` plus its path."""

    def __init__(self, demo: Demo, server: ThreadingHTTPServer) -> None:
        """Register the server's origin with a new site of the demo company."""
        self.demo = demo
        self.url = f"http://localhost:{server.server_address[1]}"
        self.pages: dict[str, tuple[dict[str, str], str]] = {}
        sheet = {"slug": "embedding", "name": "Beispiel & Söhne", "languages": list(LANGUAGES), "origins": [self.url]}
        self.site: dict[str, Any] = self.ask("/v1/sites", sheet)
        self.key: str = self.site["publishable_key"]
        shop = next(one for one in self.ask("/v1/sites")["items"] if one["slug"] == "shop")
        self.ask(f"/v1/sites/{shop['id']}", {"origins": [*shop["origins"], self.url]}, version=shop["version"])
        self.lock: dict[str, Any] = self.ask("/widget/lock.json")
        self.script = f"{demo.url}/widget/{self.lock['version']}/candor.js"

    def ask(self, path: str, body: Any = None, version: int | None = None) -> Any:
        """Ask Candor as the company's administrator; with ``version``, to change something."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.demo.admin}", "Content-Type": "application/json"}
        method = None if version is None else "PATCH"
        headers |= {} if version is None else {"If-Match": f'"{version}"'}
        asked = Request(self.demo.url + path, data=data, headers=headers, method=method)
        with urlopen(asked, timeout=10) as answer:
            return json.load(answer)

    def tag(self, *, integrity: str | None = None) -> str:
        """Return the script element as the guide has it."""
        right = self.lock["integrity"]["candor.js"]
        held_to = f'integrity="{integrity or right}" crossorigin="anonymous"'
        return f'<script type="module" src="{self.script}" {held_to}></script>'

    def widget(self, **attributes: str) -> str:
        """Return the widget's element with its link for no script; of the site with all languages unless told."""
        given = {"site": self.key, "lang": "en", **attributes}
        text = " ".join(f'{name}="{value}"' for name, value in given.items())
        return f'<candor-widget {text}><a href="{self.demo.url}/t/shop/en">About our AI</a></candor-widget>'

    def put(self, body: str, head: str = "", path: str = "/", lang: str = "en", **headers: str) -> str:
        """Keep a page with the script in it and return its address."""
        return self.put_whole(
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>A site</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{self.tag()}{head}</head>'
            f"<body><main><h1>A site</h1>{body}</main></body></html>",
            path,
            **headers,
        )

    def put_whole(self, text: str, path: str = "/", **headers: str) -> str:
        """Keep a page as it is and return its address."""
        self.pages[path] = ({name.replace("_", "-"): value for name, value in headers.items()}, text)
        return self.url + path


@contextmanager
def hosting(demo: Demo) -> Iterator[Host]:
    """Serve another origin until the tests are done."""
    pages: dict[str, tuple[dict[str, str], str]] = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers, text = pages.get(self.path.partition("?")[0], ({}, ""))
            # Chromium asks for an icon once, whenever it likes: a refusal would stand in some page's console
            self.send_response(200 if text or self.path == "/favicon.ico" else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        host = Host(demo, server)
        host.pages = pages
        yield host
        server.shutdown()


def badge(page: Page) -> Locator:
    """Return the first widget's badge."""
    return page.locator("candor-widget [part=badge]").first


def open_panel(page: Page) -> Locator:
    """Press the badge, wait until the person's own part has come, and return the panel."""
    with answered(page, "/v1/offers"):
        badge(page).click()
    return page.locator("candor-widget dialog").first


@contextmanager
def answered(page: Page, path: str) -> Iterator[None]:
    """Wait for Candor's answer to what is done inside."""

    def fits(answer: Response) -> bool:
        return path in answer.url and answer.request.method != "OPTIONS"

    with page.expect_response(fits):
        yield


def choose(page: Page, act: Callable[[], None]) -> None:
    """Do something that records a choice, and wait until the page has shown what came of it."""
    with answered(page, "/v1/choices"):
        act()
    page.locator("[part=status]:not(:empty)").first.wait_for()


def switch(page: Page, name: str) -> Locator:
    """Return the switch of a purpose."""
    return page.get_by_role("switch", name=name, exact=True)
