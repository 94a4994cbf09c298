"""What happens when a Contact is saved: it is found by any writing of its numbers and addresses."""

from crm_pipeline.erp import identity


def validate(doc, method=None):
	identity.set_contact_keys(doc)
