"""People and documents by what one knows of them: a number in any writing, an address, a name, a contact."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.core import matching, pasted
from crm_pipeline.core.registry import OWNED, STATES
from crm_pipeline.erp import identity

# DocTypes whose link fields and lists are searched like this.
SEARCHED = OWNED
TEXTS = ("Data", "Select", "Link", "Small Text", "Read Only")
# As many parties and documents as a search goes on with.
AT_MOST = 100
SHOWN = 5


# ---- keys of our own documents


def set_phone_keys(doc) -> None:
	"""Part of a save: the numbers of a lead and of a document's contacts in the form in which they are searched."""
	country = identity.country_code(doc.get("country"), doc.get("company"))
	if doc.doctype == "Sales Lead":
		doc.match_phone = matching.normal_phone(doc.phone, country)
		doc.match_mobile = matching.normal_phone(doc.mobile_no, country)
	for row in doc.get("contacts") or []:
		row.match_phone = matching.normal_phone(row.phone, country)


# ---- who is it


def phone_key(text: str) -> str:
	"""What a text is searched as when it is a number; "" when it is none, or too short to identify anybody."""
	letters = any(c.isalpha() or c == "@" for c in text)
	return "" if letters else matching.normal_phone(text, identity.country_code(None))


def who_is(text: str) -> list[dict]:
	"""Whom a number or an address belongs to, and what is open with them, as far as the user may see it:
	[{"doctype", "name", "title", "detail"}], people first."""
	text = " ".join(text.split())
	key = phone_key(text)
	if not key and "@" not in text:
		return []
	contacts = _contacts(text, key)
	customers, prospects = _parties_of(contacts), _parties_of(contacts, identity.PROSPECT)
	prospects |= _named("Sales Prospect", _reach("Sales Prospect", text, key))
	if "@" in text and not (customers or prospects):
		customers, prospects = _by_domain(matching.mail_domain(text))
	leads = _reach("Sales Lead", text, key)
	open_deals = {"status": "Open"}
	return [
		*_rows("Customer", {"name": ("in", _some(customers))}, "customer_name", "territory"),
		*_rows("Sales Prospect", {"name": ("in", _some(prospects)), "status": "Unverified"}, "prospect_name", "status"),
		*_rows("Contact", {"name": ("in", _some(contacts))}, "full_name", "company_name"),
		*_rows("Sales Lead", {"status": ("not in", STATES["Sales Lead"].closed)}, "title", "party_name", leads),
		*_rows(
			"Sales Opportunity", open_deals, "title", "party_name", _about("Sales Opportunity", customers, prospects)
		),
		*_rows("Sales Project", open_deals, "title", "party_name", _about("Sales Project", customers, prospects)),
	]


def parties(text: str) -> list[dict]:
	"""Customers and unverified prospects that somebody may mean who types a name, a number or an address, as far as the
	user may see them: [{"doctype", "name", "title", "detail"}], names that begin like it first."""
	text = " ".join(text.split())
	if not text:
		return []
	key = phone_key(text)
	contacts = _contacts(text, key) if key or "@" in text else set()
	customers, prospects = _parties_of(contacts), _parties_of(contacts, identity.PROSPECT)
	prospects |= _named("Sales Prospect", _reach("Sales Prospect", text, key))
	found = [
		*_called(identity.CUSTOMER, "customer_name", "territory", text, customers, {"disabled": 0}),
		*_called(identity.PROSPECT, "prospect_name", "territory", text, prospects, {"status": "Unverified"}),
	]
	return sorted(found, key=lambda row: not row["title"].casefold().startswith(text.casefold()))


def _called(doctype: str, title: str, detail: str, text: str, names: set[str], filters: dict) -> list[dict]:
	like = f"%{text}%"
	either = [[doctype, title, "like", like], [doctype, "name", "like", like], [doctype, "name", "in", _some(names)]]
	return _rows(doctype, filters, title, detail, either)


def _some(names: set[str]) -> list[str]:
	return sorted(names)[:AT_MOST] or [""]


def _rows(doctype: str, filters: dict, title: str, detail: str, or_filters: list | None = None) -> list[dict]:
	if or_filters == [] or not frappe.has_permission(doctype, "read"):
		return []
	rows = frappe.get_list(
		doctype,
		filters=filters,
		or_filters=or_filters,
		fields=["name", title, detail],
		order_by="modified desc",
		limit=SHOWN,
	)
	return [
		{
			"doctype": doctype,
			"name": row.name,
			"title": row[title] or row.name,
			"detail": _(row[detail]) if row[detail] else "",
		}
		for row in rows
	]


def _reach(doctype: str, text: str, key: str) -> list[list]:
	"""Filters (any of them) for records of ours that carry a number or an address themselves."""
	if key:
		return [[doctype, field, "like", f"{key}%"] for field in ("match_phone", "match_mobile")]
	if "@" not in text:
		return []
	asked = [("email_id", text), ("email_id", pasted.email(text))]
	asked += [("match_email", matching.normal_email(text))] if doctype == identity.PROSPECT else []
	return [[doctype, field, "like", f"{value}%"] for field, value in dict.fromkeys(asked)]


def _named(doctype: str, or_filters: list) -> set[str]:
	if not or_filters:
		return set()
	return set(frappe.get_all(doctype, or_filters=or_filters, pluck="name", order_by="name asc", limit=AT_MOST))


def _contacts(text: str, key: str) -> set[str]:
	"""Contacts that have this number, or an address that begins like this."""
	if not (key or "@" in text):
		return set()
	child, begins = (
		("Contact Phone", {"crm_match_phone": key})
		if key
		# Who types half of an address types it as it was written.
		else ("Contact Email", {"crm_match_email": matching.normal_email(text), "email_id": text})
	)
	return set(
		frappe.get_all(
			child,
			filters={"parenttype": "Contact"},
			or_filters=[[child, field, "like", f"{value}%"] for field, value in begins.items()],
			pluck="parent",
			order_by="parent asc",
			limit=AT_MOST,
		)
	)


def _by_domain(domain: str) -> tuple[set[str], set[str]]:
	"""Customers and prospects whose people have addresses of this domain; none of a provider that many share."""
	if not domain:
		return set(), set()
	contacts = set(
		frappe.get_all(
			"Contact Email",
			filters={"crm_match_domain": domain[:140], "parenttype": "Contact"},
			pluck="parent",
			order_by="parent asc",
			limit=AT_MOST,
		)
	)
	prospects = _named(identity.PROSPECT, [[identity.PROSPECT, "match_domain", "=", domain[:140]]])
	return _parties_of(contacts), prospects | _parties_of(contacts, identity.PROSPECT)


def _parties_of(contacts: set[str], doctype: str = identity.CUSTOMER) -> set[str]:
	return set(
		frappe.get_all(
			"Dynamic Link",
			filters={"parenttype": "Contact", "parent": ("in", _some(contacts)), "link_doctype": doctype},
			pluck="link_name",
			order_by="link_name asc",
			limit=AT_MOST,
		)
	)


def _about(doctype: str, customers: set[str], prospects: set[str]) -> list[list]:
	"""Filters (any of them) for documents about these parties."""
	return [
		[doctype, field, "in", _some(names)]
		for field, names in (("customer", customers), ("prospect", prospects))
		if names
	]


# ---- link fields


def documents(doctype: str, text: str, start: int, limit: int, filters: dict | list | None, as_dict: bool) -> list:
	"""What a link field offers: as Frappe finds it, and by the people on it, and by any writing of their number."""
	meta = frappe.get_meta(doctype)
	wanted = [meta.title_field, *(field.strip() for field in (meta.search_fields or "").split(","))]
	columns = list(dict.fromkeys(field for field in wanted if meta.has_field(field)))
	rows = frappe.get_list(
		doctype,
		filters=filters,
		or_filters=_any_of(meta, columns, text) if text else None,
		fields=["name", *columns],
		order_by="modified desc",
		limit_start=cint(start),
		limit_page_length=cint(limit) or 10,
	)
	rows.sort(key=lambda row: not str(row.get(columns[0]) or "").casefold().startswith(text.casefold()))
	return rows if as_dict else [tuple(row[field] for field in ("name", *columns)) for row in rows]


def users(text: str, start: int, limit: int) -> list[tuple[str, str]]:
	"""People who work here, as a link field offers them: (name, full name).

	Frappe 16 refuses its own search for them to whoever may choose a user and no more: it looks at a field that they may
	not see. What the reader's User Permissions leave is asked of Frappe.
	"""
	like = ["like", f"%{text}%"]
	here = frappe.get_all(
		"User",
		filters={"enabled": 1, "user_type": "System User"},
		or_filters=[["name", *like], ["full_name", *like]],
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	rows = frappe.get_list(
		"User",
		filters={"name": ("in", here or [""])},
		fields=["name", "full_name"],
		order_by="full_name asc, name asc",
		limit_start=cint(start),
		limit_page_length=cint(limit) or 10,
	)
	return [(row.name, row.full_name) for row in rows]


def _any_of(meta, columns: list[str], text: str) -> list[list]:
	doctype, key = meta.name, phone_key(text)
	like = ["name", *(field for field in columns if meta.get_field(field).fieldtype in TEXTS)]
	found = [[doctype, field, "like", f"%{text}%"] for field in like]
	if meta.has_field("contacts"):
		found.append([doctype, "name", "in", _some(_with_contact(doctype, text, key))])
	if meta.has_field("match_phone") and key:
		found += _reach(doctype, text, key)
	if key or "@" in text:
		contacts = _contacts(text, key)
		prospects = _parties_of(contacts, identity.PROSPECT) | _named(
			"Sales Prospect", _reach("Sales Prospect", text, key)
		)
		if meta.has_field("customer"):
			found += _about(doctype, _parties_of(contacts), prospects if meta.has_field("prospect") else set())
	return found


def _with_contact(doctype: str, text: str, key: str) -> set[str]:
	"""Documents with somebody among their contacts who is called, written to or rung like this."""
	row = "Sales Deal Contact"
	asked = [[row, field, "like", f"%{text}%"] for field in ("contact_name", "email_id")]
	if key:
		asked = [[row, "match_phone", "like", f"{key}%"]]
	return set(
		frappe.get_all(
			row, filters={"parenttype": doctype}, or_filters=asked, pluck="parent", order_by="parent asc", limit=AT_MOST
		)
	)
