"""Who is there already, while somebody enters a customer, prospect, contact or lead: indexed look-ups, one for each type.

Names count from their beginning, numbers and addresses whole. What the user may not see is not shown; where it is the
same by name, number, address or tax id, it is said that there is one, and whom to ask.
"""

import frappe
from frappe import _
from frappe.permissions import get_user_permissions

from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.core import matching
from crm_pipeline.erp import identity
from crm_pipeline.parties import duplicates, people

TYPED_IN = ("Customer", "Sales Prospect", "Sales Lead", "Contact")
# Letters of a name from which on it is looked up, and records that are shown of each type.
LEAST, SHOWN = 3, 5
# Managers that are named.
ASKED = 3

DETAILS = {"Customer": "territory", "Sales Prospect": "status", "Sales Lead": "party_name", "Contact": "company_name"}


class Typed:
	"""What was typed, as keys. `values`: name, kind (Person), email, phone, mobile, tax_id, country."""

	def __init__(self, doctype: str, values: dict):
		text = {field: str(values.get(field) or "").strip() for field in ("name", "email", "phone", "mobile", "tax_id")}
		country = identity.country_code(values.get("country"), values.get("company"))
		self.is_person = doctype == "Contact" or values.get("kind") in ("Person", "Individual")
		name = matching.search_name(text["name"], self.is_person)
		self.name = name if len(name) >= LEAST or not name.isascii() else ""
		self.email = matching.normal_email(text["email"])[:140] if "@" in text["email"] else ""
		numbers = (matching.normal_phone(text[field], country) for field in ("phone", "mobile"))
		self.phones = sorted({number for number in numbers if number})
		self.tax_id = matching.normal_tax_id(text["tax_id"])[:140] if len(text["tax_id"]) > 4 else ""

	@property
	def is_empty(self) -> bool:
		return not (self.name or self.email or self.phones or self.tax_id)


def similar(doctype: str, values: dict, name: str | None = None) -> dict:
	"""What is there already: {"found": [{"doctype", "name", "title", "detail", "signs"}], "hidden": [DocType], "ask": [names of people]}.
	`name` is the record that is being typed, which is left out."""
	typed = Typed(doctype, values)
	if typed.is_empty:
		return {"found": [], "hidden": [], "ask": []}
	contacts = _contacts_reached(typed)
	found = [row for target in _targets(doctype) for row in _rows(target, typed, contacts)]
	found = [row for row in found if (row["doctype"], row["name"]) != (doctype, name)]
	hidden = _hidden(doctype, typed, contacts, name) if _is_restricted() else {}
	return {"found": found, "hidden": sorted(hidden), "ask": _whom_to_ask(hidden)}


def _targets(doctype: str) -> tuple[str, ...]:
	"""Which types a record of one may be: a person is looked for among people, a party among parties."""
	return (
		("Contact", "Sales Lead") if doctype == "Contact" else ("Customer", "Sales Prospect", "Sales Lead", "Contact")
	)


# ---- look-ups


def _rows(target: str, typed: Typed, contacts: set[str]) -> list[dict]:
	either = _filters(target, typed, contacts)
	if not either or not frappe.has_permission(target, "read"):
		return []
	fields = ["name", title_field(target), DETAILS[target]]
	columns = _columns(target)
	one = either[0] if len(either) == 1 else None
	if target == "Contact":
		# What the framework asks for before it lists Contacts costs more than the look-up: only where there is one.
		names = frappe.get_all(target, or_filters=either, pluck="name", order_by=_order(one, columns), limit=SHOWN * 4)
		if not names:
			return []
		one = ["name", "in", names]
	rows = frappe.get_list(
		target,
		filters=[*_open(target), *([one] if one else [])],
		or_filters=None if one else either,
		fields=[*fields, *columns],
		order_by=_order(one, columns),
		limit=SHOWN,
	)
	return [
		{
			"doctype": target,
			"name": row.name,
			"title": row[title_field(target)] or row.name,
			"detail": _(row[DETAILS[target]]) if row[DETAILS[target]] else "",
			"signs": _signs(target, row, typed),
		}
		for row in rows
	]


def _order(one: list | None, columns: list[str]) -> str:
	"""Along the index that the rows are found by. Of several none: with one to order by the database reads through that."""
	return f"{one[0]} asc" if one and one[0] in columns else "idx asc, modified desc"


KEYS = {
	"Customer": {"name": "crm_match_name", "tax_id": "crm_match_tax_id"},
	"Sales Prospect": {
		"name": "match_name", "tax_id": "match_tax_id", "email": "match_email", "phone": "match_phone", "mobile": "match_mobile",
	},
	"Sales Lead": {"email": "email_id", "phone": "match_phone", "mobile": "match_mobile"},
	"Contact": {"name": "crm_match_name"},
}  # fmt: skip


def _columns(target: str) -> list[str]:
	return list(KEYS[target].values())


def _open(target: str) -> list[list]:
	"""Verified prospects are their customers."""
	return [["status", "=", "Unverified"]] if target == "Sales Prospect" else []


def _filters(target: str, typed: Typed, contacts: set[str], exact: bool = False) -> list[list]:
	keys, found = KEYS[target], []
	# A party's name says nothing about people, unless it is a person's.
	if typed.name and "name" in keys and (target != "Contact" or typed.is_person):
		found.append([keys["name"], "=", typed.name] if exact else [keys["name"], "like", f"{typed.name}%"])
	if typed.tax_id and "tax_id" in keys:
		found.append([keys["tax_id"], "=", typed.tax_id])
	if typed.email and "email" in keys:
		found.append([keys["email"], "=", typed.email])
	if typed.phones and "phone" in keys:
		found += [[keys[field], "in", typed.phones] for field in ("phone", "mobile")]
	reached = sorted(contacts) if target == "Contact" else _parties_of(contacts, target)
	return [*found, *([["name", "in", reached]] if reached else [])]


def _contacts_reached(typed: Typed) -> set[str]:
	"""Contacts that have this address or one of these numbers."""
	found: set[str] = set()
	for child, field, values in (
		("Contact Email", "crm_match_email", [typed.email] if typed.email else []),
		("Contact Phone", "crm_match_phone", typed.phones),
	):
		if values:
			found |= set(
				frappe.get_all(
					child,
					filters={field: ("in", values), "parenttype": "Contact"},
					pluck="parent",
					order_by="parent asc",
					limit=100,
				)
			)
	return found


def _parties_of(contacts: set[str], target: str) -> list[str]:
	if not contacts or target == "Sales Lead":
		return []
	return frappe.get_all(
		"Dynamic Link",
		filters={"parenttype": "Contact", "parent": ("in", sorted(contacts)), "link_doctype": target},
		pluck="link_name",
		distinct=True,
		order_by="link_name asc",
		limit=100,
	)


def _signs(target: str, row: dict, typed: Typed) -> list[str]:
	keys = KEYS[target]
	found = []
	if typed.name and "name" in keys and (row[keys["name"]] or "").startswith(typed.name):
		found.append(_("Name"))
	if typed.tax_id and "tax_id" in keys and row[keys["tax_id"]] == typed.tax_id:
		found.append(_("Tax ID"))
	return found or [_("E-mail or phone")]


# ---- what the user may not see


def _is_restricted() -> bool:
	"""Whether there can be something that this user may not see."""
	user = frappe.session.user
	readable = all(frappe.has_permission(target, "read") for target in TYPED_IN)
	return not readable or bool(people.visibility_of(user) or get_user_permissions(user))


def _hidden(doctype: str, typed: Typed, contacts: set[str], name: str | None) -> dict[str, list[str]]:
	"""{DocType: names} of those that are the same by a sign and that the user may not see."""
	found = {}
	for target in _targets(doctype):
		either = _filters(target, typed, contacts, exact=True)
		if not either:
			continue
		names = set(
			frappe.get_all(
				target, filters=_open(target), or_filters=either, pluck="name", order_by="name asc", limit=50
			)
		) - {name if target == doctype else None}
		seen = set()
		if names and frappe.has_permission(target, "read"):
			seen = set(
				frappe.get_list(
					target, filters={"name": ("in", sorted(names))}, pluck="name", order_by="name asc", limit=0
				)
			)
		if names - seen:
			found[target] = sorted(names - seen)
	return found


def _whom_to_ask(hidden: dict[str, list[str]]) -> list[str]:
	"""Names of managers who may see what the user may not."""
	if not hidden:
		return []
	target, names = next(iter(hidden.items()))
	able = []
	for user in duplicates.managers():
		if len(able) < ASKED and frappe.has_permission(target, "read", doc=names[0], user=user):
			able.append(frappe.utils.get_fullname(user))
	return able
