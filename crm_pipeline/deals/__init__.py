"""Opportunities and sales projects: stages, gates, outcome, conversions."""
