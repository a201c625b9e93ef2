"""The ground floor: what every room stands on, and nothing about customers' rights.

A closed list: settings, database, http client, clock, ids, canonical JSON, crypto, keys, subjects' keys, queue,
errors, principal, telemetry. A new file here needs a decision record.
"""
