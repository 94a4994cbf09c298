"""Keys of names, numbers and addresses are made anew where the rule of today says otherwise: vowels of Indian and Thai names,
forms in full, places that are no forms, other writings of numbers, of one mailbox and of tax ids."""

from collections.abc import Callable

import frappe

from crm_pipeline.core import matching
from crm_pipeline.erp import identity
from crm_pipeline.patches.pages import pages, write


def execute():
	"""Killed, it looks again at what it has done, and changes nothing there."""
	site = identity.country_code(None)
	_renew("Customer", ("customer_name", "customer_type", "tax_id"), identity.customer_keys)
	_renew("Contact", ("first_name", "middle_name", "last_name"), identity.contact_keys)
	_renew("Contact Email", ("email_id",), lambda row: identity.email_keys(row.email_id))
	_renew("Sales Prospect", identity.PROSPECT_FIELDS, identity.prospect_keys)
	_renew(
		"Contact Phone", ("phone", "parent"), lambda row: identity.phone_keys(row.phone, _country(row.parent) or site)
	)
	_renew("Sales Lead", ("phone", "mobile_no", "company"), _lead_keys)
	_renew("Sales Deal Contact", ("phone",), lambda row: {"match_phone": matching.normal_phone(row.phone, site)})


def _renew(doctype: str, fields: tuple[str, ...], keys_of: Callable[[dict], dict]) -> None:
	"""Rows that have a key; those without one are another patch's."""
	read = tuple(field for field in fields if field != "name")
	keys = tuple(keys_of(frappe._dict(dict.fromkeys(read))))
	for rows in pages(doctype, (*read, *keys), lambda table: table[keys[0]].isnotnull()):
		news = {row.name: keys_of(row) for row in rows}
		changed = {
			row.name: news[row.name] for row in rows if any((row[key] or "") != news[row.name][key] for key in keys)
		}
		write(doctype, changed)


def _country(contact: str | None) -> str:
	address = contact and frappe.db.get_value("Contact", contact, "address")
	country = address and frappe.db.get_value("Address", address, "country")
	return identity.country_code(country) if country else ""


def _lead_keys(row: dict) -> dict[str, str]:
	country = identity.country_code(None, row.company)
	fields = {"match_phone": row.phone, "match_mobile": row.mobile_no}
	return {key: matching.normal_phone(number, country) for key, number in fields.items()}
