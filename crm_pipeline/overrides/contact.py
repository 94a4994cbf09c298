"""What happens when a Contact is saved: it is found by any writing of its numbers and addresses, and our documents say
what it says."""

from crm_pipeline.chain import guard, locks
from crm_pipeline.duplicates import pair_records
from crm_pipeline.erp import identity
from crm_pipeline.parties import copied_names, deal_people
from crm_pipeline.relations import posts, relation_record


def follow(doc, method=None, *renamed):
	"""validate, on_update and after_rename(old, new, merge) of Contact."""
	{"validate": identity.set_contact_keys, "on_update": _on_update, "after_rename": _after_rename}[method](
		doc, *renamed
	)


def _after_rename(doc, old: str, new: str, merge: bool = False) -> None:
	"""Links follow by themselves; of two people that became one nobody is related to themselves."""
	if merge:
		posts.after_merge(new)
		relation_record.after_merge("Contact", new)
		pair_records.after_merge("Contact", new)
		deal_people.after_merge(new)
		_follow_name(doc.name, doc.full_name)


def _follow_name(contact: str, name: str) -> None:
	copied_names.follow("Contact", contact, name)
	posts.follow_name(contact, name)


def _follow(contact: str, changed: dict[str, tuple[str, str]]) -> None:
	deal_people.follow_contact(contact, changed)
	if "contact_name" in changed:
		_follow_name(contact, changed["contact_name"][1])


def _on_update(doc) -> None:
	changed = deal_people.changes_of(doc)
	if not changed:
		return
	if locks.inside_entry_point():
		_follow(doc.name, changed)
		return
	# A Contact is saved whatever happens to us.
	with locks.as_guest():
		guard.attempt(f"people of Contact {doc.name}", lambda: _follow(doc.name, changed))
