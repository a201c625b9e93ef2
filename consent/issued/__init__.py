"""Receipts as they were issued, read as a whole and held against the ledger."""
