"""Models and explanations in the consoles: where models are served, how decisions are explained, what was stopped."""
