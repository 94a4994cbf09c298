"""What happens when a Contact is saved: it is found by any writing of its numbers and addresses, and our documents say
what it says."""

from crm_pipeline.erp import identity
from crm_pipeline.parties import deal_people


def follow(doc, method=None):
	"""validate and on_update of Contact."""
	{"validate": identity.set_contact_keys, "on_update": deal_people.follow_contact}[method](doc)
