"""``/t/{site}/{language}`` and its history: how a site uses AI, in ``api/widget/about.py``."""

from api.widget.about import router

__all__ = ["router"]
