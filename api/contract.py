"""The OpenAPI document: FastAPI's, completed with what the edge answers on every route.

Each operation declares the problems it can end in; the committed ``openapi.json`` is this document.
"""

import copy
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import access
from api.problems import MEDIA_TYPE
from core.principal import Role

VERSION = version("candor")
SUMMARY = "Transparency and consent for customers of companies that use AI on them."
_ENTITY_TAG = r'^(\*|"[!#-~]{1,64}")$'
_LONGEST_ID = 64
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ALWAYS = {
    "400": "The request can't be understood.",
    "404": "There is nothing here within the caller's reach.",
    "414": "The path is too long.",
    "421": "This service does not answer for that host.",
    "422": "Some of the input is not right; `errors` says what.",
    "429": "Too many requests; wait as long as `Retry-After` says.",
    "431": "The header fields are too large.",
    "500": "Something went wrong on our side; `instance` finds it in the log.",
    "503": "Not possible right now; nothing was changed.",
}
_WITH_CREDENTIAL = {
    "401": "No valid credential.",
    "403": "The credential may not do this.",
}
_WITH_BODY = {
    "408": "The request did not arrive in time.",
    "413": "The body is too large.",
    "415": "The body's content type or encoding is not taken.",
}
_CHANGING = {
    "409": "Not possible in the present state, or the same Idempotency-Key is still being worked on.",
    "412": "The thing has changed since it was read.",
    "428": "The change must say which version it applies to.",
}
_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`ck_...`), a customer token or an OIDC access token.",
    },
    "site": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Candor-Site",
        "description": "A site's publishable key (`pk_...`), for browsers.",
    },
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "A problem document (RFC 9457). docs/errors.md lists every `type` and what to do.",
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "What kind of problem; never changes."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri", "description": "This request; the log knows it by this id."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "additionalProperties": False,
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Where: a JSON pointer (RFC 6901), `?name` or `header:name`.",
                    },
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def document(declared: FastAPI) -> dict[str, Any]:
    """Return the whole document of ``declared``."""
    made = get_openapi(
        title=declared.title,
        version=declared.version,
        summary=declared.summary,
        routes=declared.routes,
        separate_input_output_schemas=True,
    )
    made = copy.deepcopy(made)  # parts of it belong to the routes
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    _hoist(made.get("paths", {}), schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {
        f"Problem{status}": {"description": said, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
        for status, said in sorted((_ALWAYS | _WITH_CREDENTIAL | _WITH_BODY | _CHANGING).items())
    }
    components["securitySchemes"] = _SCHEMES
    permissions = {
        (path, method): permission
        for path, methods, permission in access.permissions_of(declared)
        for method in methods.split(",")
    }
    for path, item in made.get("paths", {}).items():
        for method, operation in item.items():
            _complete(method, operation, permissions.get((path, method.upper()), access.PUBLIC))
    return made


def _hoist(node: Any, schemas: dict[str, Any]) -> None:
    """Move the ``$defs`` of schemas that routes wrote themselves to where every reference looks for them."""
    if isinstance(node, dict):
        for name, schema in node.pop("$defs", {}).items():
            schemas.setdefault(name, schema)
        for child in node.values():
            _hoist(child, schemas)
    elif isinstance(node, list):
        for child in node:
            _hoist(child, schemas)


def _complete(method: str, operation: dict[str, Any], permission: str | None) -> None:
    statuses = set(_ALWAYS)
    if method not in {"get", "head"}:
        statuses |= set(_WITH_BODY) | set(_CHANGING)
    if permission is not None and permission != access.PUBLIC:
        statuses |= set(_WITH_CREDENTIAL)
        browser = Role.ANONYMOUS in access.PERMISSIONS[permission].roles
        operation["security"] = [{"bearer": []}, {"site": []}] if browser else [{"bearer": []}]
        operation["x-permission"] = permission
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" and parameter["name"].lower() == "if-match":
            parameter |= {"required": True, "schema": {"type": "string", "pattern": _ENTITY_TAG}}
        elif parameter["in"] == "path" and parameter["schema"].get("type") == "string":
            parameter["schema"].setdefault("maxLength", _LONGEST_ID)  # anything longer names nothing: 404
    responses = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    for status in sorted(statuses):
        responses.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    operation["responses"] = dict(sorted(responses.items()))


def operation_id(route: APIRoute) -> str:
    """Name an operation for clients: the resource and the verb, such as ``sites-create``."""
    return f"{route.tags[0] if route.tags else 'candor'}-{route.name}".replace("_", "-")
