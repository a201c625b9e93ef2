"""``/t/{site}/{language}``: the hosted pages of a site, in ``api/pages``."""

from api.pages.choices import router

__all__ = ["router"]
