"""What the embedded widget is served: one configuration for everybody, and a small personal part with an offer."""
