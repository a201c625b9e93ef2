"""Consoles: pages where agents, data protection officers and administrators work; one plan, rendered on the server."""
