"""ERPNext's Customer, the one account: making it of a prospect, with its people and its address."""

import frappe
from frappe import _

from crm_pipeline.core import matching
from crm_pipeline.erp import contacts, mandatory
from crm_pipeline.erp.identity import country_code
from crm_pipeline.erp.same_named import carry_same_named
from crm_pipeline.wording import bold

CARRIED_TO_CUSTOMER = ("tax_id", "website", "industry")
PLACE = ("address_line1", "address_line2", "city", "pincode")
MAX_ADDRESS_TITLE = 110


def make(prospect, settings) -> str:
	"""Insert a Customer for a verified prospect; answers the name. Custom fields of the same name come along.

	Fields are named one by one: ERPNext's Customer has fields of its own that only look like ours
	(`prospect_name` links its Prospect), and contact data goes to a Contact (`carry_reach`).
	"""
	customer = frappe.new_doc("Customer")
	customer.update({field: prospect.get(field) for field in CARRIED_TO_CUSTOMER})
	customer.update(
		{
			"customer_name": prospect.prospect_name,
			"customer_type": "Individual" if prospect.prospect_kind == "Person" else "Company",
			"customer_group": prospect.customer_group or settings.default_customer_group or _selling("customer_group"),
			"territory": prospect.territory or settings.default_territory or _selling("territory"),
		}
	)
	carry_same_named(prospect, customer)
	try:
		customer.insert()
	except frappe.MandatoryError:
		_refuse_incomplete(customer)
		raise
	return customer.name


def _refuse_incomplete(customer) -> None:
	"""The site wants more of a Customer than a prospect has."""
	empty = mandatory.missing(customer)
	if empty:
		frappe.throw(
			_(
				"Customer {0} can't be made from what is known: {1} has to be filled in there. Make the Customer by hand, then choose it here."
			).format(bold(customer.customer_name), ", ".join(empty)),
			frappe.MandatoryError,
			title=_("To Be Filled In"),
		)


def _selling(field: str) -> str | None:
	"""The default of Selling Settings; a group that has children can't be used and is left out."""
	value = frappe.db.get_single_value("Selling Settings", field)
	doctype = {"customer_group": "Customer Group", "territory": "Territory"}[field]
	if value and not frappe.get_cached_value(doctype, value, "is_group"):
		return value
	return frappe.db.get_value(doctype, {"is_group": 0}, "name", order_by="lft asc")


def carry_reach(prospect, customer: str, is_new: bool) -> None:
	"""Give the customer the prospect's people and address and every Contact and Address linked to it.

	Those of a new customer are its preferred ones; what joins an existing customer never is.
	"""
	if not is_new:
		_mark_preferred("Contact", "is_primary_contact", customer, "customer_primary_contact")
		_mark_preferred("Address", "is_primary_address", customer, "customer_primary_address")
	own = contacts.join_existing("Contact", prospect.name, customer, is_new)
	places = contacts.join_existing("Address", prospect.name, customer, is_new)
	country = country_code(prospect.country, prospect.company)
	people = contacts.people_of(prospect)
	contact = contacts.add_to_party(
		"Customer", customer, people, prospect.prospect_name, country, preferred=is_new and not own
	)
	address = _same_address(prospect, customer) or _make_address(prospect, customer, is_new)
	if is_new:
		_prefer(customer, contact or (own[0] if own else None), address or _first_of(places))


def _first_of(addresses: list[str]) -> str | None:
	"""The one that somebody marked as primary, else the oldest."""
	filters = {"name": ("in", addresses or [""]), "disabled": 0}
	order = "is_primary_address desc, creation asc, name asc"
	return frappe.db.get_value("Address", filters, "name", order_by=order)


def _mark_preferred(doctype: str, mark: str, customer: str, field: str) -> None:
	"""Where none is marked ERPNext takes any: mark the one that it shows, else the oldest, before others join."""
	names = contacts.linked_to(doctype, "Customer", customer)
	rows = frappe.get_all(
		doctype,
		filters={"name": ("in", names or [""])},
		fields=["name", mark],
		order_by="creation asc, name asc",
		limit=0,
	)
	if rows and not any(row[mark] for row in rows):
		shown = frappe.db.get_value("Customer", customer, field)
		name = shown if shown in {row.name for row in rows} else rows[0].name
		frappe.db.set_value(doctype, name, mark, 1, update_modified=False)


def _prefer(customer: str, contact: str | None, address: str | None) -> None:
	"""What ERPNext shows of a new customer. Read from the Contact, as ERPNext does at the next save."""
	doc = frappe.get_doc("Customer", customer)
	if contact and not doc.customer_primary_contact:
		reach = frappe.db.get_value("Contact", contact, ["email_id", "mobile_no"], as_dict=True)
		doc.db_set({"customer_primary_contact": contact, **reach}, update_modified=False)
	if address and not doc.customer_primary_address:
		from frappe.contacts.doctype.address.address import get_address_display

		doc.db_set(
			{"customer_primary_address": address, "primary_address": get_address_display(address)},
			update_modified=False,
		)


def _same_address(prospect, customer: str) -> str | None:
	"""An Address of the customer that says the same, however it is written."""
	if not prospect.address_line1:
		return None
	names = contacts.linked_to("Address", "Customer", customer)
	rows = frappe.get_all(
		"Address", filters={"name": ("in", names or [""])}, fields=["name", *PLACE], order_by="name asc"
	)
	wanted = _place(prospect)
	return next((row.name for row in rows if _is_one_place(_place(row), wanted)), None)


def _is_one_place(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
	"""Town and postcode may be missing on one of the two sides."""
	return one[0] == other[0] and all(a == b or not a or not b for a, b in zip(one[1:], other[1:], strict=True))


def _place(row) -> tuple[str, ...]:
	"""Street, town and postcode without case, accents and punctuation."""
	street = " ".join(part for part in (row.address_line1, row.address_line2) if part)
	city = row.city if row.city != _("Unknown") else ""
	return tuple(matching.normal_text(text) for text in (street, city, row.pincode))


def _make_address(prospect, customer: str, preferred: bool) -> str | None:
	if not prospect.address_line1:
		return None
	address = frappe.new_doc("Address")
	address.update(
		{
			# Its name is composed of title, type and a number.
			"address_title": prospect.prospect_name[:MAX_ADDRESS_TITLE],
			"address_type": "Billing" if preferred else "Office",
			"address_line1": prospect.address_line1,
			"address_line2": prospect.address_line2,
			"city": prospect.city or prospect.state or prospect.country or _("Unknown"),
			"state": prospect.state,
			"pincode": prospect.pincode,
			"country": prospect.country or frappe.get_cached_value("Company", prospect.company, "country"),
			"is_primary_address": int(preferred),
		}
	)
	address.append("links", {"link_doctype": "Customer", "link_name": customer})
	return address.insert().name


def check_usable(customer: str) -> None:
	"""Raise a ValidationError when a customer is disabled."""
	if frappe.get_cached_value("Customer", customer, "disabled"):
		frappe.throw(_("Customer {0} is disabled").format(bold(customer)), title=_("Disabled Customer"))
