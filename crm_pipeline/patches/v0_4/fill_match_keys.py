"""Parties of earlier versions, and all that are not ours, get the keys by which they are found."""

from crm_pipeline.erp import custom_fields, identity
from crm_pipeline.patches.pages import pages, write


def execute():
	# Fields of ours are made after the patches; this one needs them now.
	custom_fields.create()
	fill_missing_keys()


def fill_missing_keys() -> None:
	"""Give keys to what has none: records from before this app, or written past it. Interrupted, it goes on the next
	time: an empty text is a key too."""
	site = identity.country_code(None)
	customer = ("customer_name", "customer_type", "tax_id")
	_fill("Customer", "crm_match_name", customer, identity.customer_keys)
	_fill("Contact", "crm_match_name", ("first_name", "middle_name", "last_name"), identity.contact_keys)
	_fill("Contact Email", "crm_match_email", ("email_id",), lambda row: identity.email_keys(row.email_id))
	_fill("Contact Phone", "crm_match_phone", ("phone",), lambda row: identity.phone_keys(row.phone, site))
	_fill("Sales Prospect", "match_name", identity.PROSPECT_FIELDS, identity.prospect_keys)


def _fill(doctype: str, mark: str, fields: tuple[str, ...], keys_of) -> None:
	read = tuple(field for field in fields if field != "name")
	for rows in pages(doctype, read, lambda table: table[mark].isnull()):
		write(doctype, {row.name: keys_of(row) for row in rows})
