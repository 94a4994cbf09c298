"""What is known of records that somebody holds: when they were last worked on or sold to, and what protects them.

Read for many at once, each fact in a fixed number of queries by an index.
"""

from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder.functions import Max
from frappe.utils import get_datetime, getdate, now_datetime

from crm_pipeline.assignment import leads_to_give
from crm_pipeline.assignment.rule_records import ancestors
from crm_pipeline.core.pool import HeldRecord
from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.parties import absences
from crm_pipeline.pool.pool_rules import CUSTOMER, LEAD, PROSPECT, field, open_filters, owner_field
from crm_pipeline.segments import record_conditions

ACTIVITY, MAIL, EVENT, CASE = "Sales Activity", "Communication", "Pipeline Event", "Customer Case"
# Moves of a document that somebody who works on it makes.
WORK = ("Stage", "State", "Conversion", "Hand-off", "Quotation")


def held(doctype: str, names: list[str], nobodys: bool = False) -> list[dict]:
	"""Records of these that are open, have an owner and are not in the pool: rows with the fields that facts are made of;
	`nobodys`: those without an owner, too."""
	fields = ["name", "modified", "territory", "industry", f"{owner_field(doctype)} as owner_user"]
	fields += [
		f"{field(doctype, name)} as {name}"
		for name in (
			"pool_since",
			"pool_warned_on",
			"last_touch_on",
			"pool_assigned_on" if doctype == CUSTOMER else "assigned_on",
		)
	]
	fields += {
		LEAD: ["company", "customer", "prospect", "title", "nurture_until"],
		PROSPECT: ["company", "customer_group", "prospect_name as title"],
	}.get(doctype, ["customer_group", "customer_name as title"])
	fields = [name for name in fields if name != "nurture_until" or frappe.get_meta(doctype).has_field(name)]
	rows = frappe.get_all(
		doctype,
		filters={**open_filters(doctype), "name": ("in", names or [""])},
		fields=fields,
		order_by="name asc",
		limit=0,
	)
	teams = _teams([row.name for row in rows]) if doctype == CUSTOMER else {}
	found = []
	for row in rows:
		row.owners = list(dict.fromkeys(filter(None, (row.owner_user, *teams.get(row.name, ())))))
		row.assigned_on = row.get("assigned_on") or row.get("pool_assigned_on")
		if (row.owners or nobodys) and not row.pool_since:
			found.append(row)
	return found


def _teams(customers: list[str]) -> dict[str, list[str]]:
	"""{customer: users of its sales team}."""
	team, person = frappe.qb.DocType("Sales Team"), frappe.qb.DocType("Sales Person")
	query = (
		frappe.qb.from_(team)
		.join(person)
		.on(team.sales_person == person.name)
		.select(team.parent, person.crm_user)
		.where((team.parenttype == CUSTOMER) & team.parent.isin(customers or [""]) & person.crm_user.isnotnull())
		.orderby(team.parent)
		.orderby(team.idx)
	)
	found: dict[str, list[str]] = {}
	for customer, user in query.run():
		found.setdefault(customer, []).append(user)
	return found


def facts(doctype: str, rows: list[dict], protections: dict[str, set[str]], rules: list[dict]) -> list[HeldRecord]:
	"""The records for the core. `protections`: {kind: names of records that it protects}, see `protected`; `rules`: what
	they ask is found."""
	names = [row.name for row in rows]
	met = record_conditions.with_own(doctype, names, rules)
	segments = record_conditions.in_segments(doctype, rows, rules)
	# What a lead does not say of itself, its customer or prospect does.
	places = leads_to_give.places_of(rows) if doctype == LEAD else {}
	asks_products = doctype == LEAD and any(rule.item or rule.item_group for rule in rules)
	items, item_groups = leads_to_give.products_of(names) if asks_products else ({}, {})
	touches = last_touches(doctype, names)
	sales = last_sales(names) if doctype == CUSTOMER else {}
	territories = ancestors("Territory")
	groups = ancestors("Customer Group") if doctype != LEAD else {}
	away = _absent({user for row in rows for user in row.owners})
	shielded = set().union(*protections.values()) if protections else set()
	return [
		HeldRecord(
			name=row.name,
			assigned_on=get_datetime(row.assigned_on),
			company=row.get("company") or None,
			territories=territories.get(row.territory or places.get(row.name, {}).get("territory"), ()),
			groups=groups.get(row.get("customer_group"), ()),
			industry=row.industry or places.get(row.name, {}).get("industry") or None,
			items=frozenset(items.get(row.name, ())),
			item_groups=frozenset(item_groups.get(row.name, ())),
			meets=frozenset(rule for rule, found in met.items() if row.name in found),
			segments=frozenset(segment for segment, found in segments.items() if row.name in found),
			last_touch=touches.get(row.name),
			last_sale=sales.get(row.name),
			warned_on=row.pool_warned_on and get_datetime(row.pool_warned_on),
			protected=row.name in shielded or bool(row.get("nurture_until") and getdate(row.nurture_until) > getdate()),
			absent=frozenset.intersection(*(away.get(user, frozenset()) for user in row.owners or [""])),
		)
		for row in rows
	]


# ---- when it was worked on last


def last_touches(doctype: str, names: list[str]) -> dict[str, datetime]:
	"""{record: its last activity that was done, mail that was sent, or move}; of a customer or prospect, all about it."""
	about = {CUSTOMER: "customer", PROSPECT: "prospect"}.get(doctype)
	return _latest(
		_activities(doctype, names, "reference_name"),
		*([_activities(doctype, names, about)] if about else []),
		_mails(doctype, names),
		*([_moves(names, about)] if about else [_moves_of(doctype, names)]),
	)


def _latest(*queries) -> dict[str, datetime]:
	found: dict[str, datetime] = {}
	now = now_datetime()
	for query in queries:
		for name, at in query.run():
			if at:
				# What is noted for later has not happened yet.
				at = min(get_datetime(at), now)
				found[name] = max(found.get(name, at), at)
	return found


def _activities(doctype: str, names: list[str], by: str):
	table = frappe.qb.DocType(ACTIVITY)
	query = _grouped(table, table[by], table.starts_on, names).where(table.status == "Done")
	return query.where(table.reference_doctype == doctype) if by == "reference_name" else query


def _mails(doctype: str, names: list[str]):
	table = frappe.qb.DocType(MAIL)
	query = _grouped(table, table.reference_name, table.communication_date, names)
	return query.where(
		(table.reference_doctype == doctype)
		& (table.communication_type == "Communication")
		& (table.sent_or_received == "Sent")
	)


def _moves(names: list[str], by: str):
	table = frappe.qb.DocType(EVENT)
	return _grouped(table, table[by], table.at, names).where(table.kind.isin((*WORK, "Created")))


def _moves_of(doctype: str, names: list[str]):
	table = frappe.qb.DocType(EVENT)
	query = _grouped(table, table.reference_name, table.at, names)
	return query.where((table.reference_doctype == doctype) & table.kind.isin(WORK))


def last_sales(customers: list[str]) -> dict[str, datetime]:
	"""{customer: day of the last Sales Order or Sales Invoice that was submitted}."""
	queries = []
	for doctype, day in (("Sales Order", "transaction_date"), ("Sales Invoice", "posting_date")):
		table = frappe.qb.DocType(doctype)
		query = _grouped(table, table.customer, table[day], customers).where(table.docstatus == 1)
		queries.append(query.where(table.is_return == 0) if doctype == "Sales Invoice" else query)
	return _latest(*queries)


def _grouped(table, key, value, names: list[str]):
	return frappe.qb.from_(table).select(key, Max(value)).where(key.isin(names or [""])).groupby(key).orderby(key)


# ---- what protects it


def protected(doctype: str, rows: list[dict]) -> dict[str, set[str]]:
	"""{field of a rule: records that it protects}; and those with something planned, whatever the rule."""
	by_party = _by_party(doctype, rows)
	found = {
		"protect_deals": _of_parties(by_party, [(deal, {"status": "Open"}) for deal in DEALS]),
		"protect_contracts": _of_parties(
			by_party,
			[
				("Sales Contract", {"docstatus": 1, "status": "Active"}),
				("Sales Order Request", {"docstatus": 1, "status": "Requested"}),
			],
		),
		"protect_cases": _of_parties(by_party, [(CASE, {"status": ("not in", STATES[CASE].closed)})]),
		"protect_orders": _of_parties(
			by_party, [("Sales Order", {"docstatus": 1, "status": ("not in", ("Completed", "Closed"))})]
		),
	}
	planned = {"status": "Planned", "starts_on": (">", now_datetime())}
	found["planned"] = _of_parties(by_party, [(ACTIVITY, planned)]) | _named(
		doctype, [row.name for row in rows], planned
	)
	return found


def _by_party(doctype: str, rows: list[dict]) -> dict[str, dict[str, list[str]]]:
	"""{"customer" or "prospect": {party: records that are about it}}."""
	found: dict[str, dict[str, list[str]]] = {"customer": {}, "prospect": {}}
	for row in rows:
		parties = {CUSTOMER: {"customer": row.name}, PROSPECT: {"prospect": row.name}}.get(
			doctype, {"customer": row.get("customer"), "prospect": row.get("prospect")}
		)
		for link, party in parties.items():
			if party:
				found[link].setdefault(party, []).append(row.name)
	return found


def _of_parties(by_party: dict, asked: list[tuple[str, dict]]) -> set[str]:
	found: set[str] = set()
	for doctype, filters in asked:
		for link, records in by_party.items():
			if records and frappe.get_meta(doctype).has_field(link):
				parties = frappe.get_all(
					doctype,
					filters={**filters, link: ("in", sorted(records))},
					pluck=link,
					distinct=True,
					order_by=f"{link} asc",
					limit=0,
				)
				found.update(name for party in parties for name in records[party])
	return found


def _named(doctype: str, names: list[str], filters: dict) -> set[str]:
	about = {"reference_doctype": doctype, "reference_name": ("in", names or [""])}
	return set(
		frappe.get_all(
			ACTIVITY, filters={**filters, **about}, pluck="reference_name", order_by="reference_name asc", limit=0
		)
	)


def _absent(users: set[str]) -> dict[str, frozenset[date]]:
	"""{user: days on which they are or were away}."""
	rows = frappe.get_all(
		absences.ABSENCE,
		filters={"user": ("in", sorted(users) or [""])},
		fields=["user", "from_date", "to_date"],
		order_by="from_date asc",
		limit=0,
	)
	found: dict[str, set[date]] = {}
	for row in rows:
		first, last = getdate(row.from_date), min(getdate(row.to_date), getdate())
		days = max((last - first).days + 1, 0)
		found.setdefault(row.user, set()).update(first + timedelta(days=day) for day in range(min(days, 3660)))
	return {user: frozenset(days) for user, days in found.items()}
