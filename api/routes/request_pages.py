"""``/t/{site}/{language}/explain`` and ``/r/{link}``: the pages of requests for an explanation, in ``api/pages``."""

from api.pages.requests import router

__all__ = ["router"]
