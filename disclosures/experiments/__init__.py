"""Texts of notices tried out in variants, under an approved experiment only (CON-17; EDPB Guidelines 03/2022)."""
