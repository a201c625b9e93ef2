"""From path to route in a few steps, however many routes there are.

FastAPI matches routes one after another; here their paths are a tree of segments made once at start. The tree also
knows all methods of a path (``Allow``, OPTIONS, HEAD) and what body each route takes. Fixed segments win over
parameters; a trailing slash is another path.
"""

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from api import strict_json
from api.problems import EdgeError, MethodNotAllowedError, NotFoundOnWireError
from api.strict_json import ORDINARY, BodyRule
from core.settings import ServeSettings

_REST = ":path"
_BODILESS = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation: its application, the template of its path, the names of its parameters, its body rule."""

    app: ASGIApp
    template: str
    names: tuple[str, ...]
    rule: BodyRule
    endpoint: Callable[..., Any] | None


@dataclass(slots=True)
class Node:
    """One place in the tree of paths."""

    fixed: dict[str, "Node"] = field(default_factory=dict)
    parameter: "Node | None" = None
    methods: dict[str, Entry] = field(default_factory=dict)
    rest: "Node | None" = None  # what takes everything below this place

    def allowed(self) -> list[str]:
        """Return all methods of this path, for ``Allow``."""
        own = set(self.methods)
        return sorted(own | {"OPTIONS"} | ({"HEAD"} if "GET" in own else set()))


def tree(contract: FastAPI) -> Node:
    """Return the tree of all routes of ``contract``. Raises ``ValueError`` for a route it can't hold."""
    root = Node()
    for context in iter_route_contexts(contract.routes):
        route = context.original_route
        if isinstance(route, Mount):
            _place(root, f"{context.path}/{{rest:path}}", ("GET",), _mounted(context))
            continue
        if context.path is None or context.methods is None:
            raise ValueError(f"only ordinary routes and mounts are served, not {route!r}")
        # the wire's path, not path_format, which has lost the parameter's kind
        app: ASGIApp = context.app
        _place(root, context.path, context.methods, app, context.endpoint)
    return root


def _mounted(context: Any) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        _, child = context.matches(scope)
        scope.update(child)
        await context.handle(scope, receive, send)

    return app


def _place(
    root: Node, path: str, methods: Iterable[str], app: ASGIApp, endpoint: Callable[..., Any] | None = None
) -> None:
    node, names = root, []
    *segments, last = path.strip("/").split("/") if path != "/" else [""]
    takes_rest = last.startswith("{") and last.endswith(_REST + "}")
    for segment in segments if takes_rest else (*segments, last):
        if "{" in segment:
            if segment[0] + segment[-1] != "{}" or ":" in segment:
                raise ValueError(f"the path {path} has a parameter that is not a whole plain segment")
            names.append(segment[1:-1])
            node.parameter = node = node.parameter or Node()
        else:
            node = node.fixed.setdefault(segment, Node())
    if takes_rest:
        names.append(last[1 : -len(_REST) - 1])
        node.rest = node = node.rest or Node()
    rule: BodyRule = getattr(endpoint, "body_rule", ORDINARY)
    for method in methods:
        if method in node.methods:
            raise ValueError(f"two routes answer {method} {path}")
        node.methods[method] = Entry(app, path, tuple(names), rule, endpoint)


def find(root: Node, path: str) -> tuple[Node, list[str]] | None:
    """Return the place of ``path`` and the values of its parameters, or nothing."""
    return _descend(root, path[1:].split("/"), 0, [])


def _descend(node: Node, segments: list[str], index: int, values: list[str]) -> tuple[Node, list[str]] | None:
    if index == len(segments):
        return (node, values) if node.methods else None
    segment = segments[index]
    below = node.fixed.get(segment)
    if below is not None:
        found = _descend(below, segments, index + 1, values)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        found = _descend(node.parameter, segments, index + 1, [*values, segment])
        if found is not None:
            return found
    return (node.rest, [*values, "/".join(segments[index:])]) if node.rest is not None else None


class Dispatch:
    """The innermost of the edge: finds the route, reads and checks the body, calls the route."""

    def __init__(self, contract: FastAPI, settings: ServeSettings) -> None:
        """Take the routes of ``contract`` as they are now."""
        self.root = tree(contract)
        self._contract = contract
        self._seconds = settings.body_seconds
        self._limits = (settings.body_limit, settings.bulk_body_limit)

    def methods(self, path: str) -> list[str]:
        """Return all methods of ``path``, empty if there is no such path."""
        found = find(self.root, path)
        return found[0].allowed() if found else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Raises the errors of the edge and whatever the route raises."""
        found = find(self.root, scope["path"])
        if found is None:
            raise NotFoundOnWireError
        node, values = found
        method = scope["method"]
        entry = node.methods.get("GET" if method == "HEAD" else method)
        if entry is None:
            await _without_route(node, method, scope, receive, send)
            return
        scope["candor.route"] = entry.template
        scope["app"] = self._contract
        scope["endpoint"] = entry.endpoint
        scope["path_params"] = dict(zip(entry.names, values, strict=True))
        if method not in _BODILESS:
            receive = await self._checked_body(scope, receive, entry.rule)
        async with AsyncExitStack() as stack:
            scope["fastapi_middleware_astack"] = stack  # where FastAPI closes uploaded files
            await entry.app(scope, receive, send if method != "HEAD" else _headers_only(send))

    async def _checked_body(self, scope: Scope, receive: Receive, rule: BodyRule) -> Receive:
        if not any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]):
            body = b""
        else:
            body = await strict_json.read(scope, receive, self._limits[rule.bulk], self._seconds)
        if body and strict_json.content_type(scope["headers"], rule) == b"application/json":
            strict_json.loads(body, rule)
        message: dict[str, Any] | None = {"type": "http.request", "body": body, "more_body": False}

        async def replay() -> Any:
            nonlocal message
            if message is not None:
                given, message = message, None
                return given
            return await receive()

        return replay


async def _without_route(node: Node, method: str, scope: Scope, receive: Receive, send: Send) -> None:
    allow = {"Allow": ", ".join(node.allowed())}
    if method == "OPTIONS":
        await Response(status_code=204, headers=allow)(scope, receive, send)
        return
    refusal: EdgeError = MethodNotAllowedError(headers=allow)
    raise refusal


def _headers_only(send: Send) -> Send:
    async def answer(message: Any) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return answer
