"""The schema, step by step; shipped in the wheel and the same on both databases."""
