"""Public pages: server-rendered, complete without JavaScript, in the visitor's language."""
