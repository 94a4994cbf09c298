"""The rules of the front office as plain Python: no framework, no clock, no database.

Callers pass everything in (today, precision, the stage table) and store what comes back.
"""
