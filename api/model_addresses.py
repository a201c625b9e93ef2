"""Whether Candor may call what somebody says of a model's endpoint: told when it is said, not when it is needed."""

from collections.abc import Mapping

from api.state import AppState
from core.errors import InvalidError
from core.http import CallFailedError
from explanations import tokens
from explanations.deployed.documents import EndpointDocument


async def reachable(state: AppState, document: EndpointDocument, credentials: Mapping[str, str] | None) -> None:
    """Refuse now what would be refused when asked. Raises ``UrlRefusedError``, ``InvalidError``."""
    grant = tokens.grant_in(credentials or {})
    for url in (document.url, document.predict_path, document.explain_path, None if grant is None else grant.url):
        if url is not None and "://" in url:
            try:
                await state.models.check(url)
            except CallFailedError as error:
                raise InvalidError.field("/document/url", error.detail) from error
