"""Complaints and requests of customers: their clock, their log, and how satisfied the customer was."""
