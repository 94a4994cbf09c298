"""What rules ask about leads, and who can get them: read for many leads at once."""

from dataclasses import dataclass

import frappe
from frappe.permissions import get_user_permissions
from frappe.query_builder.functions import Count
from frappe.utils import cint, flt

from crm_pipeline import user_day
from crm_pipeline.assignment import rule_records
from crm_pipeline.assignment.rule_records import LEAD
from crm_pipeline.core import assignment as rules
from crm_pipeline.core.assignment import GivingRule, LeadToGive, Roster
from crm_pipeline.core.registry import DEALS, PARTY_FIELDS, STATES
from crm_pipeline.parties import absences, people
from crm_pipeline.segments import record_conditions

FIELDS = (
	*(
		"name",
		"modified",
		"creation",
		"title",
		"party_name",
		"status",
		"sales_owner",
		"sales_person",
		"company",
		"territory",
	),
	*("industry", "channel", "base_amount", "customer", "prospect", "campaign", "assignment_rule", "assigned_on"),
)


@dataclass(frozen=True)
class Territories:
	"""The tree of territories, and who manages which: users by territory, `groups` those with territories below them."""

	above: dict[str, tuple[str, ...]]
	managers: dict[str, str]
	groups: frozenset[str]

	@classmethod
	def read(cls) -> "Territories":
		rows = frappe.get_all(
			"Territory",
			fields=["name", "parent_territory", "territory_manager", "is_group"],
			order_by="lft asc",
			limit=0,
		)
		persons = frappe.get_all(
			"Sales Person",
			filters={"enabled": 1, "crm_user": ("is", "set")},
			fields=["name", "crm_user"],
			order_by="name asc",
			limit=0,
		)
		users = {row.name: row.crm_user for row in persons}
		above: dict[str, tuple[str, ...]] = {}
		for row in rows:
			above[row.name] = (row.name, *above.get(row.parent_territory, ()))
		managers = {row.name: users[row.territory_manager] for row in rows if row.territory_manager in users}
		return cls(above, managers, frozenset(row.name for row in rows if row.is_group))

	def owner_of(self, territory: str | None) -> str | None:
		"""The manager of the nearest territory that has one."""
		return next((self.managers[t] for t in self.above.get(territory, ()) if t in self.managers), None)

	def regional_manager_of(self, territory: str | None) -> str | None:
		"""The manager of the nearest group of territories that has one."""
		found = (self.managers[t] for t in self.above.get(territory, ()) if t in self.groups and t in self.managers)
		return next(found, None)


def rows_of(names: list[str]) -> list[dict]:
	"""Leads as they are stored, in the order of their creation."""
	if not names:
		return []
	return frappe.get_all(
		LEAD, filters={"name": ("in", names)}, fields=list(FIELDS), order_by="creation asc, name asc", limit=0
	)


def read(rows: list[dict], docs: list) -> list[LeadToGive]:
	"""What the rules `docs` ask about these leads, in a number of queries that does not grow with the leads."""
	if not rows:
		return []
	names = [row.name for row in rows]
	places = places_of(rows)
	items, groups = products_of(names) if any(doc.item or doc.item_group for doc in docs) else ({}, {})
	met = record_conditions.with_own(LEAD, names, docs)
	segments = record_conditions.in_segments(LEAD, rows, docs)
	tree = Territories.read()
	found = []
	for row in rows:
		place = places[row.name]
		territory = row.territory or place.get("territory")
		found.append(
			LeadToGive(
				name=row.name,
				company=row.company or None,
				territories=tree.above.get(territory, ()),
				industry=row.industry or place.get("industry") or None,
				channel=row.channel or None,
				employees=cint(place.get("no_of_employees")) or None,
				amount=flt(row.base_amount) or None,
				items=frozenset(items.get(row.name, ())),
				item_groups=frozenset(groups.get(row.name, ())),
				meets=frozenset(rule for rule, leads in met.items() if row.name in leads),
				segments=frozenset(segment for segment, leads in segments.items() if row.name in leads),
				territory_owner=tree.owner_of(territory),
				regional_manager=tree.regional_manager_of(territory),
			)
		)
	return found


def places_of(rows: list[dict]) -> dict[str, dict]:
	"""{lead: territory, industry and size of its customer, else of its prospect}; rows have name, customer and prospect."""
	found = {doctype: _places(doctype, {row[field] for row in rows}) for doctype, field in PARTY_FIELDS.items()}
	return {
		row.name: found["Customer"].get(row.customer) or found["Sales Prospect"].get(row.prospect) or {} for row in rows
	}


def _places(doctype: str, names: set) -> dict[str, dict]:
	"""{party: where it is and how large}; what a lead does not say itself."""
	names = sorted(names - {None, ""})
	if not names:
		return {}
	fields = ["name", "territory", "industry"] + (["no_of_employees"] if doctype == "Sales Prospect" else [])
	rows = frappe.get_all(doctype, filters={"name": ("in", names)}, fields=fields, order_by="name asc", limit=0)
	return {row.name: row for row in rows}


def products_of(names: list[str]) -> tuple[dict[str, set], dict[str, set]]:
	"""({lead: items}, {lead: their groups and those above}) of leads with items."""
	rows = frappe.get_all(
		"Sales Deal Item",
		filters={"parent": ("in", names), "parenttype": LEAD, "item_code": ("is", "set")},
		fields=["parent", "item_code"],
		order_by="parent asc, idx asc",
		limit=0,
	)
	codes = sorted({row.item_code for row in rows})
	if not codes:
		return {}, {}
	group_of = dict(
		frappe.get_all(
			"Item",
			filters={"name": ("in", codes)},
			fields=["name", "item_group"],
			order_by="name asc",
			limit=0,
			as_list=True,
		)
	)
	above = rule_records.ancestors("Item Group")
	items: dict[str, set] = {}
	groups: dict[str, set] = {}
	for row in rows:
		items.setdefault(row.parent, set()).add(row.item_code)
		groups.setdefault(row.parent, set()).update(above.get(group_of.get(row.item_code), ()))
	return items, groups


# ---- who can get them


def roster(leads: list[LeadToGive], docs: list) -> Roster:
	"""Who is here today, what they have, and whose turn it is."""
	users = {row.user for doc in docs for row in doc.members}
	users |= {user for lead in leads for user in (lead.territory_owner, lead.regional_manager) if user}
	present = frozenset(user for user in users if is_present(user))
	credits = {(doc.name, row.user): cint(row.credit) for doc in docs for row in doc.members}
	# Counting what everybody has grows with what was given before: only where a rule asks for it.
	loads = {doctype: _open_of(doctype, users & present) for doctype, users in _counted(docs).items()}
	deals: dict[str, int] = {}
	for doctype in DEALS:
		for user, count in loads[doctype].items():
			deals[user] = deals.get(user, 0) + count
	before = {(doc.name, row.user): cint(row.given) for doc in docs for row in doc.members}
	return Roster(present, loads[LEAD], deals, credits, given_before=before)


def _counted(docs: list) -> dict[str, frozenset[str]]:
	"""{DocType: members whose open documents decide}: leads by load and capacity, deals by load."""
	by_load = frozenset(row.user for doc in docs if doc.method == rules.LEAST_LOAD for row in doc.members)
	limited = frozenset(row.user for doc in docs for row in doc.members if cint(row.capacity))
	return {LEAD: by_load | limited, **dict.fromkeys(DEALS, by_load)}


def is_present(user: str) -> bool:
	"""Whether somebody can be given leads: works here, may read them, and is not away on their own today."""
	if not people.is_colleague(user) or not frappe.has_permission(LEAD, "read", user=user):
		return False
	return not absences.is_away(user, user_day.today_of(user))


def _open_of(doctype: str, users: frozenset[str]) -> dict[str, int]:
	if not users:
		return {}
	table = frappe.qb.DocType(doctype)
	query = (
		frappe.qb.from_(table)
		.select(table.sales_owner, Count("*"))
		.where(table.sales_owner.isin(sorted(users)) & table.status.notin(STATES[doctype].closed))
		.groupby(table.sales_owner)
		.orderby(table.sales_owner)
	)
	return dict(query.run())


def with_barred(rows: list[dict], leads: list[LeadToGive], present: frozenset[str]) -> list[LeadToGive]:
	"""The leads, each with whoever could not see it: User Permissions on its company, territory or party are against it."""
	limited = [user for user in sorted(present) if get_user_permissions(user)]
	if not limited:
		return leads
	from_rows = {row.name: row for row in rows}
	return [_barred_of(lead, from_rows[lead.name], limited) for lead in leads]


def _barred_of(lead: LeadToGive, row: dict, limited: list[str]) -> LeadToGive:
	doc, may_see = frappe.get_doc({"doctype": LEAD, **row}), frappe.get_attr("frappe.permissions.has_user_permission")
	barred = frozenset(user for user in limited if not may_see(doc, user=user))
	return LeadToGive(**{**vars(lead), "barred": barred}) if barred else lead


def choices(rows: list[dict], docs: list, asked: list[GivingRule] | None = None) -> tuple[list, Roster]:
	"""(who would get each of these leads, the roster afterwards); nothing is written."""
	leads = read(rows, docs)
	known = roster(leads, docs)
	leads = with_barred(rows, leads, known.present)
	asked = [rule_records.of_doc(doc) for doc in docs] if asked is None else asked
	return rules.choose_all(leads, asked, known), known
