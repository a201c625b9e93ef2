"""Ray Serve applications written with FastAPI: paths and bodies are the author's, these are the usual ones."""

from explanations.adapters.http_json import HttpJson


class RayServe(HttpJson):
    """``POST /predict {"instances": [...]}`` -> ``{"predictions": [0.1]}``; put the route prefix into the URL."""

    kind = "ray-serve"
