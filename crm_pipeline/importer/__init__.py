"""Loads a CSV export of another CRM: opportunities with their history, accounts, products, agents.

Reading, mapping and checking are plain Python and know no framework (mapping, tables, masters, deals, tally,
rejects); site.py, store_masters.py and store_deals.py fetch and store; load.py is the one entry point.
"""
