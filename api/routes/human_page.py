"""``/t/{site}/{language}/human``: reaching a person without scripts, in ``api/pages``."""

from api.pages.human import router

__all__ = ["router"]
