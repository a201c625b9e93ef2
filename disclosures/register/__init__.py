"""The register as the public may read it: a document of our own, and the field sets of two national registers."""
