"""Segments of customers, prospects and leads: who belongs to one now, and who did when."""
