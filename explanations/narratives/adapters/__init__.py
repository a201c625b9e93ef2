"""Language models that may rephrase reasons: one file for each kind of API."""
