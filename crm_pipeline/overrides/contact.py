"""What happens when a Contact is saved: it is found by any writing of its numbers and addresses, and our documents say
what it says."""

from crm_pipeline.chain import guard, locks
from crm_pipeline.erp import identity
from crm_pipeline.parties import deal_people


def follow(doc, method=None):
	"""validate and on_update of Contact."""
	{"validate": identity.set_contact_keys, "on_update": _on_update}[method](doc)


def _on_update(doc) -> None:
	changed = deal_people.changes_of(doc)
	if not changed:
		return
	if locks.inside_entry_point():
		deal_people.follow_contact(doc.name, changed)
		return
	# A Contact is saved whatever happens to us.
	with locks.as_guest():
		guard.attempt(f"people of Contact {doc.name}", lambda: deal_people.follow_contact(doc.name, changed))
