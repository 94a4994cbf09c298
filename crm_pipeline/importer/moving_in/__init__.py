"""Moving in from another CRM on the same site: its tables are one more reader of the import (importer/), its words are
mapped on the form of a Sales Import, and what stands around its records is linked to the new ones.

Nothing here imports the other app: its tables are read by name, as far as they are there.
"""
