"""Whose people have the address that a mail came from. Not for what somebody typed into a form: who types learns nothing."""

import frappe

from crm_pipeline.core import matching
from crm_pipeline.core.registry import PARTY_FIELDS
from crm_pipeline.erp import contacts, identity
from crm_pipeline.parties import people


def is_of_colleague(email: str | None) -> bool:
	"""Whether somebody who works on this site writes: for whom says the mail at best."""
	address = (email or "").strip().lower()
	users = frappe.get_all("User", filters={"email": address}, pluck="name", order_by="name asc") if address else []
	return any(people.is_colleague(user) for user in users)


def parties_of(names: list[str], doctype: str = identity.CUSTOMER) -> list[str]:
	"""Parties of a type that these Contacts belong to."""
	linked = {"parenttype": "Contact", "parent": ("in", names or [""]), "link_doctype": doctype}
	return frappe.get_all(
		"Dynamic Link", filters=linked, pluck="link_name", distinct=True, order_by="link_name asc", limit=0
	)


def field_and_party(email: str | None, name: str | None) -> tuple[str, str] | None:
	"""(field of a document, party) of the one customer, else the one open prospect, that somebody who writes as `name` belongs to;
	None where several could be meant, or another person than the one whose mailbox it is."""
	names = contacts.with_address(email)
	for doctype, known in (
		(identity.CUSTOMER, identity.known_customers),
		(identity.PROSPECT, identity.known_prospects),
	):
		parties = known(parties_of(names, doctype))
		if parties:
			sure = len(parties) == 1 and not _is_another(parties[0], name)
			return (PARTY_FIELDS[doctype], parties[0].name) if sure else None
	return None


def _is_another(party: identity.Identity, name: str | None) -> bool:
	"""People of one household share a mailbox; everybody at a firm is the firm's."""
	called, asked = (matching.search_name(text, person=True) for text in (party.label, name))
	return bool(party.is_person and asked and asked != called)
