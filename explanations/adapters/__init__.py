"""One file for each kind of model server: what it is asked and how its answers read."""
