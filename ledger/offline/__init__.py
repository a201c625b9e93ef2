"""Stand-alone tools for people who do not run Candor; each is one file that imports nothing of it."""
