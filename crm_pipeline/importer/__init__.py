"""Brings in what another CRM holds: its files, or its tables where it is on the same site (moving_in/).

Reading, mapping and checking are plain Python and know no framework (mapping, tables, masters, deals, tally,
rejects); site.py, store_masters.py and store_deals.py fetch and store; load.py is the one entry point.
"""
