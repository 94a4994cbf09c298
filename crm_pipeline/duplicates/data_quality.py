"""Which customers, prospects and leads have data that somebody should mend: facts in a few queries, judged by core/quality.py."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Max
from frappe.utils import getdate

from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.core import quality
from crm_pipeline.core.quality import Record
from crm_pipeline.core.registry import PARTY_FIELDS, STATES
from crm_pipeline.erp import identity
from crm_pipeline.parties import people

TYPES = ("Customer", "Sales Prospect", "Sales Lead")
# Fields that should be filled.
WANTED = {
	"Customer": ("territory", "industry", "tax_id"),
	"Sales Prospect": ("territory", "industry", "sales_owner"),
	"Sales Lead": ("sales_owner", "channel"),
}
FIELDS = {
	"Customer": ("customer_type", "account_manager"),
	"Sales Prospect": ("sales_owner", "sales_person", "email_id", "phone", "mobile_no", "country", "company"),
	"Sales Lead": ("sales_owner", "sales_person", "email_id", "phone", "mobile_no", "company"),
}
BOUNCES = ("Bounced", "Soft-Bounced", "Rejected", "Error")
STALE_DAYS = 180


@dataclass(frozen=True)
class Asked:
	"""What a list of faults is about; empty fields ask for all."""

	doctype: str = ""
	kind: str = ""
	group: str = ""
	sales_person: str = ""
	sales_owner: str = ""
	stale_days: int = STALE_DAYS


def faults(asked: Asked, today: date) -> list[dict]:
	"""What is wrong with the records that the user may read: [{"doctype", "name", "title", "group", "kind", "detail", "sales_owner",
	"sales_person", "last"}], by kind, those longest out of touch first."""
	found = []
	for doctype in TYPES:
		if asked.doctype in ("", doctype) and frappe.has_permission(doctype, "read"):
			found += _of_type(doctype, asked, today)
	order = {kind: place for place, kind in enumerate(quality.KINDS)}
	return sorted(found, key=lambda row: (order[row["kind"]], row["last"] or date.min, row["doctype"], row["name"]))


def _of_type(doctype: str, asked: Asked, today: date) -> list[dict]:
	rows = _records(doctype)
	names = [row.name for row in rows]
	team = _team(asked.sales_person)
	facts = _Facts(doctype, names)
	groups = {kind: group for group, kinds in quality.GROUPS.items() for kind in kinds}
	found = []
	for row in rows:
		owner, person = facts.people(row)
		if (asked.sales_owner and owner != asked.sales_owner) or (team is not None and person not in team):
			continue
		record = facts.record(row)
		for kind, detail in quality.faults(record, today, asked.stale_days):
			if asked.kind not in ("", kind) or asked.group not in ("", groups[kind]):
				continue
			found.append(
				{
					"doctype": doctype,
					"name": row.name,
					"title": row[title_field(doctype)] or row.name,
					"group": groups[kind],
					"kind": kind,
					"detail": detail,
					"sales_owner": owner,
					"sales_person": person,
					"last": record.last,
				}
			)
	return found


def _records(doctype: str) -> list[dict]:
	filters = {
		"Customer": {"disabled": 0},
		"Sales Prospect": {"status": "Unverified"},
		"Sales Lead": {"status": ("not in", STATES["Sales Lead"].closed)},
	}[doctype]
	fields = dict.fromkeys(("name", title_field(doctype), "modified", *FIELDS[doctype], *WANTED[doctype]))
	return frappe.get_list(doctype, filters=filters, fields=list(fields), order_by="name asc", limit=0)


def _team(sales_person: str) -> set[str] | None:
	return {row.name for row in people.below(sales_person)} if sales_person else None


class _Facts:
	"""What is known of the records of a type, read once for all of them."""

	def __init__(self, doctype: str, names: list[str]):
		self.doctype, self.names = doctype, names
		self.country = identity.country_code(None)
		self.labels = {field: _(frappe.get_meta(doctype).get_label(field)) for field in WANTED[doctype]}
		is_party = doctype != "Sales Lead"
		self.contacts = self._contacts() if is_party else {}
		self.emails = self._reach("Contact Email", "email_id") if is_party else {}
		self.phones = self._reach("Contact Phone", "phone") if is_party else {}
		self.touched = self._touched()
		self.doubled = self._doubled()
		self.team = self._team_of_customers() if doctype == "Customer" else {}
		self.bounced = _bounced()

	def people(self, row: dict) -> tuple[str | None, str | None]:
		"""(user, sales person) whose record it is."""
		if self.doctype == "Customer":
			return row.account_manager, self.team.get(row.name)
		return row.sales_owner, row.sales_person

	def record(self, row: dict) -> Record:
		emails = [row.get("email_id"), *self.emails.get(row.name, ())]
		phones = [row.get("phone"), row.get("mobile_no"), *self.phones.get(row.name, ())]
		wanted = [field for field in WANTED[self.doctype] if not row.get(field)]
		if row.get("customer_type") == "Individual":
			wanted = [field for field in wanted if field not in ("industry", "tax_id")]
		days = [getdate(day) for day in (row.modified, self.touched.get(row.name)) if day]
		return Record(
			emails=tuple(dict.fromkeys(e for e in emails if e)),
			phones=tuple(dict.fromkeys(p for p in phones if p)),
			country=self.country,
			contacts=self.contacts.get(row.name, 0) if self.doctype == "Customer" else None,
			empty=tuple(self.labels[field] for field in wanted),
			bounced=self.bounced,
			last=max(days, default=None),
			doubles=self.doubled.get(row.name, 0),
		)

	def _contacts(self) -> dict[str, int]:
		link = frappe.qb.DocType("Dynamic Link")
		rows = (
			frappe.qb.from_(link)
			.select(link.link_name, Count("*"))
			.where((link.parenttype == "Contact") & (link.link_doctype == self.doctype))
			.groupby(link.link_name)
		).run()
		return dict(rows)

	def _reach(self, child: str, column: str) -> dict[str, list[str]]:
		table, link = frappe.qb.DocType(child), frappe.qb.DocType("Dynamic Link")
		rows = (
			frappe.qb.from_(table)
			.join(link)
			.on((link.parent == table.parent) & (link.parenttype == "Contact"))
			.select(link.link_name, table[column])
			.where((link.link_doctype == self.doctype) & (table[column] != ""))
		).run()
		found = defaultdict(list)
		for name, value in rows:
			found[name].append(value)
		return found

	def _touched(self) -> dict[str, date]:
		"""{name: the last activity}."""
		activity = frappe.qb.DocType("Sales Activity")
		if self.doctype in PARTY_FIELDS:
			about = activity[PARTY_FIELDS[self.doctype]]
			query = frappe.qb.from_(activity).where(about.isnotnull())
		else:
			about = activity.reference_name
			query = frappe.qb.from_(activity).where(activity.reference_doctype == self.doctype)
		return dict(query.select(about, Max(activity.starts_on)).where(activity.status == "Done").groupby(about).run())

	def _doubled(self) -> dict[str, int]:
		if not frappe.has_permission("Duplicate Pair", "read"):
			return {}
		rows = frappe.get_list(
			"Duplicate Pair",
			filters={"document_type": self.doctype, "decision": ("is", "not set")},
			fields=["document_name", "other_name"],
			order_by="name asc",
			limit=0,
		)
		found: dict[str, int] = defaultdict(int)
		for row in rows:
			for name in (row.document_name, row.other_name):
				found[name] += 1
		return found

	def _team_of_customers(self) -> dict[str, str]:
		rows = frappe.get_all(
			"Sales Team",
			filters={"parenttype": "Customer"},
			fields=["parent", "sales_person"],
			order_by="parent asc, idx desc",
			limit=0,
		)
		return {row.parent: row.sales_person for row in rows}


def _bounced() -> tuple[str, ...]:
	"""Addresses that a mail came back from."""
	rows = frappe.get_all(
		"Communication",
		filters={"sent_or_received": "Sent", "delivery_status": ("in", BOUNCES)},
		fields=["recipients"],
		order_by="creation desc",
		limit=10_000,
	)
	found = {
		part.strip(" <>\"'").casefold()
		for row in rows
		for text in (row.recipients or "").split(",")
		for part in text.split()
		if "@" in part
	}
	return tuple(sorted(found))
