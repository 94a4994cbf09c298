"""Who is there already, while somebody enters a customer, prospect, contact or lead: one question for all keys, and one
for each type of what was found.

Names count from their beginning, numbers and addresses whole. What the user may not see is not shown; where it is the
same by name, number, address or tax id, it is said that there is one, and whom to ask.
"""

import frappe
from frappe import _
from frappe.permissions import get_user_permissions

from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.duplicates.candidates import KEYS, NAME, REACHED, TAX_ID, Candidates, Typed, candidates
from crm_pipeline.parties import duplicates, people

TYPED_IN = ("Customer", "Sales Prospect", "Sales Lead", "Contact")
# Records that are shown of each type.
SHOWN = 5
# Managers that are named.
ASKED = 3

DETAILS = {"Customer": "territory", "Sales Prospect": "status", "Sales Lead": "party_name", "Contact": "company_name"}


def similar(doctype: str, values: dict, name: str | None = None) -> dict:
	"""What is there already: {"found": [{"doctype", "name", "title", "detail", "signs"}], "hidden": [DocType], "ask": [names of people]}.
	`name` is the record that is being typed, which is left out."""
	typed = Typed(doctype, values)
	there = candidates(typed, _targets(doctype))
	if doctype in there and name:
		there[doctype].leave_out(name)
	found: list[dict] = []
	hidden: dict[str, list[str]] = {}
	is_restricted = bool(there) and _is_restricted()
	for target in _targets(doctype):
		if target not in there:
			continue
		seen = _seen(target, there[target])
		if is_restricted:
			hidden |= _hidden(target, there[target].same - {row.name for row in seen})
			seen = _and_others(target, there[target], seen, typed, name if target == doctype else None)
		found += _shown(target, seen[:SHOWN], there[target])
	return {"found": found, "hidden": sorted(hidden), "ask": _whom_to_ask(hidden)}


def _targets(doctype: str) -> tuple[str, ...]:
	"""Which types a record of one may be: a person is looked for among people, a party among parties."""
	return (
		("Contact", "Sales Lead") if doctype == "Contact" else ("Customer", "Sales Prospect", "Sales Lead", "Contact")
	)


# ---- what the user sees


def _seen(target: str, there: Candidates) -> list[dict]:
	"""Those that the user may see, the nearest first."""
	rows = _listed(target, [["name", "in", list(there.signs)]], limit=0) if there.signs else []
	places = {name: (name not in there.same, place) for place, name in enumerate(there.signs)}
	return sorted(rows, key=lambda row: places[row.name])


def _and_others(target: str, there: Candidates, seen: list[dict], typed: Typed, own: str | None) -> list[dict]:
	"""More that the user may see, where the first ones with this beginning of a name are other people's."""
	if not there.more or len(seen) >= SHOWN:
		return seen
	beginning = [KEYS[target][NAME][0], "like", f"{typed.name}%"]
	asked = [beginning, ["name", "not in", [*there.signs, own or ""]]]
	others = _listed(target, asked, order_by=f"{beginning[0]} asc", limit=SHOWN)
	for row in others:
		there.add(row.name, NAME, is_same=False)
	return [*seen, *others]


def _listed(target: str, filters: list, order_by: str = "name asc", limit: int = SHOWN) -> list[dict]:
	if not frappe.has_permission(target, "read"):
		return []
	fields = ["name", title_field(target), DETAILS[target]]
	filters = [*filters, *_open(target)]
	return frappe.get_list(target, filters=filters, fields=fields, order_by=order_by, limit=limit)


def _open(target: str) -> list[list]:
	"""Verified prospects are their customers."""
	return [["status", "=", "Unverified"]] if target == "Sales Prospect" else []


def _shown(target: str, rows: list[dict], there: Candidates) -> list[dict]:
	words = {NAME: _("Name"), TAX_ID: _("Tax ID"), REACHED: _("E-mail or phone")}
	title, detail = title_field(target), DETAILS[target]
	return [
		{
			"doctype": target,
			"name": row.name,
			"title": row[title] or row.name,
			"detail": _(row[detail]) if row[detail] else "",
			"signs": [word for sign, word in words.items() if sign in there.signs[row.name]],
		}
		for row in rows
	]


# ---- what the user may not see


def _is_restricted() -> bool:
	"""Whether there can be something that this user may not see."""
	user = frappe.session.user
	readable = all(frappe.has_permission(target, "read") for target in TYPED_IN)
	return not readable or bool(people.visibility_of(user) or get_user_permissions(user))


def _hidden(target: str, names: set[str]) -> dict[str, list[str]]:
	"""{DocType: names} of those that are the same by a sign and that the user may not see."""
	if names and (still := _open(target)):
		filters = [*still, ["name", "in", sorted(names)]]
		names = set(frappe.get_all(target, filters=filters, pluck="name", order_by="name asc"))
	return {target: sorted(names)} if names else {}


def _whom_to_ask(hidden: dict[str, list[str]]) -> list[str]:
	"""Names of managers who may see what the user may not."""
	if not hidden:
		return []
	able = []
	for user in duplicates.managers():
		if len(able) < ASKED and _sees_one(user, hidden):
			able.append(frappe.utils.get_fullname(user))
	return able


def _sees_one(user: str, hidden: dict[str, list[str]]) -> bool:
	return any(
		frappe.has_permission(target, "read", doc=name, user=user)
		for target, names in hidden.items()
		for name in names[:SHOWN]
	)
