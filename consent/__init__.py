"""Purposes, choices (consent, objection, opt-out), receipts, the GPC signal, and the gate that makes choices bind."""
