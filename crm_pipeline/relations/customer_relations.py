"""How customers are related, and the group that a parent heads.

The parent is a relation like others, dated; the field Parent Customer of ERPNext's form (`crm_parent_customer`) is what
it is today, so that lists, reports and totals read one column. Whichever of the two is changed, the other follows.
"""

import frappe
from frappe import _
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.chain import jobs, standard_kinds
from crm_pipeline.core import kinds
from crm_pipeline.relations import posts, relation_record

DOCTYPE = "Customer Relation"
FIELD = "crm_parent_customer"


def of_customer(customer: str, day=None) -> list[dict]:
	"""Relations of a customer on a day, both directions; see relation_record.related for the shape."""
	return relation_record.related("Customer", customer, day)


def group_of(customer: str) -> list[str]:
	"""Names of the customers below one in the tree of parents today, level by level, that the user may read."""
	if not frappe.db.exists("Customer", {FIELD: customer}):
		return []
	# All parents at once: one query however many levels there are.
	children: dict[str, list[str]] = {}
	for row in frappe.get_all(
		"Customer", filters={FIELD: ("is", "set")}, fields=["name", FIELD], order_by="name asc", limit=0
	):
		children.setdefault(row[FIELD], []).append(row.name)
	found: list[str] = []
	level, seen = [customer], {customer}
	while level:
		level = sorted({name for parent in level for name in children.get(parent, ())} - seen)
		seen.update(level)
		found += level
	if not found:
		return []
	readable = set(
		frappe.get_list("Customer", filters={"name": ("in", found)}, pluck="name", order_by="name asc", limit=0)
	)
	return [name for name in found if name in readable]


# ---- the parent: relation and field


def parent_type() -> str | None:
	return standard_kinds.name_of(relation_record.TYPE, kinds.PARENT)


def follow_relation(doc) -> None:
	"""Part of on_update() and after_delete() of a relation: the field says what the relations say of today."""
	kind = parent_type()
	before = doc.get_doc_before_save()
	concerned = {row.customer for row in (doc, before) if row and row.relation_type == kind}
	for customer in sorted(concerned):
		follow_parent(customer)


def follow_parent(customer: str, day=None) -> None:
	today = parent_on(customer, day or nowdate())
	if (frappe.db.get_value("Customer", customer, FIELD) or None) != today:
		frappe.db.set_value("Customer", customer, FIELD, today, update_modified=False)


def parent_on(customer: str, day) -> str | None:
	kind = parent_type()
	rows = relation_record.rows_of(DOCTYPE, {"customer": customer}, kind) if kind else []
	return next((row.related_customer for row in rows if posts.period_of(row).holds(getdate(day))), None)


def take_field(customer: str, parent: str | None) -> None:
	"""The relation says what was chosen in the field: the one that runs ends yesterday, the new one begins today."""
	kind = parent_type()
	if not kind:
		return
	today = getdate(nowdate())
	for row in relation_record.rows_of(DOCTYPE, {"customer": customer}, kind):
		if not posts.period_of(row).holds(today):
			continue
		if row.related_customer == parent:
			return
		if row.from_date and getdate(row.from_date) == today:
			# Who may change the customer says so with its field; likewise below.
			frappe.delete_doc(DOCTYPE, row.name, ignore_permissions=True)
			continue
		doc = frappe.get_doc(DOCTYPE, row.name)
		doc.to_date = add_days(today, -1)
		# See above.
		doc.save(ignore_permissions=True)
	if parent:
		_make(customer, parent, kind, today)


def _make(customer: str, parent: str, kind: str, day=None) -> None:
	# Who may change the customer says so with its field.
	doc = frappe.new_doc(DOCTYPE)
	doc.update({"customer": customer, "related_customer": parent, "relation_type": kind, "from_date": day})
	doc.insert(ignore_permissions=True)


def give_relation(customer: str) -> None:
	"""A parent of the field alone, of an import or an earlier version, gets its relation; since when nobody knows."""
	kind, parent = parent_type(), frappe.db.get_value("Customer", customer, FIELD)
	if kind and parent and not relation_record.rows_of(DOCTYPE, {"customer": customer}, kind):
		_make(customer, parent, kind)


def follow_dates() -> None:
	"""Every day: Contacts follow their posts, and customers have the parent whose relation began or the last one's ended."""
	posts.follow_dates()
	jobs.each(_due(), follow_parent, _("CRM Pipeline: the parent of a customer is not up to date"))


def _due() -> list[tuple[str]]:
	kind, today, since = parent_type(), nowdate(), add_days(nowdate(), -posts.CATCH_UP)
	names = {
		customer
		for filters in ({"from_date": ("between", (since, today))}, {"to_date": ("between", (since, today))})
		for customer in frappe.get_all(
			DOCTYPE, filters={"relation_type": kind, **filters}, pluck="customer", order_by="name asc", limit=0
		)
	}
	return [(name,) for name in sorted(names)]


def after_merge(customer: str) -> None:
	"""Part of after_rename() of a Customer that took another one in."""
	ended, kind = relation_record.after_merge("Customer", customer), parent_type()
	if kind and relation_record.rows_of(DOCTYPE, {"customer": customer}, kind):
		ended.add(customer)
	for name in sorted(ended):
		follow_parent(name)
