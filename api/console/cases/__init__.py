"""Explanation requests in the consoles: the board, one request with every act on it, its draft, its review."""
