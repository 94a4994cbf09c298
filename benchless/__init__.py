"""A small host for the app's front office: tries and tests it with Python alone. See README.md beside this file.

Nothing happens on import. `benchless.host.start()` makes `import frappe` find this host in the running process.
"""
