"""What somebody holds that has to go on without them: one row per kind, with how its owner is changed.

Closed documents are history and stay with who closed them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe.utils import get_datetime, nowdate

from crm_pipeline.chain import automation, ledger, rights
from crm_pipeline.coaching.help_requests import REQUEST as HELP
from crm_pipeline.core.registry import STATES
from crm_pipeline.deals import reassigning
from crm_pipeline.parties import people

TODO, CUSTOMER, CASE = "ToDo", "Customer", "Customer Case"


@dataclass(frozen=True)
class Kind:
	"""Documents of one type that are handed over: the box of a handover that asks for them, the fields that name whose
	they are, the filters of open ones, their title, and `give(doc, from_user, to_user)`, which answers the document that
	the new owner has, where it is another one."""

	box: str
	doctype: str
	owners: tuple[str, ...]
	filters: dict
	title: str
	give: Callable

	def held_by(self, user: str) -> list[dict]:
		"""Open ones of a user that the reader sees, the oldest first: name, title, customer, prospect, territory, industry."""
		found: dict[str, dict] = {}
		for field in self.owners:
			for row in frappe.get_list(
				self.doctype,
				filters={**self.filters, field: user},
				fields=["name", f"{self.title} as title", *self.places()],
				order_by="creation asc, name asc",
				limit=0,
			):
				found.setdefault(row.name, row)
		return list(found.values())

	def places(self) -> list[str]:
		"""The fields by which a document is distributed, as far as its type has them."""
		meta = frappe.get_meta(self.doctype)
		if self.doctype == TODO:
			return ["reference_type", "reference_name"]
		return [field for field in ("customer", "prospect", "territory", "industry") if meta.has_field(field)]

	def is_held_by(self, doc, user: str) -> bool:
		return any(doc.get(field) == user for field in self.owners)


# ---- how each is given


def _by_owner(doc, from_user: str, to_user: str) -> None:
	"""A document of the chain: its own save, or of a submitted one the owner alone."""
	reassigning.give(doc, to_user)


def _by_save(doc, from_user: str, to_user: str) -> None:
	"""What has an owner and no ledger of its own moves: the fields that named the old one, and a row in the ledger."""
	doc.check_permission("write")
	for field in ("sales_owner", "responsible"):
		if doc.get(field) == from_user:
			doc.set(field, to_user)
	if doc.meta.has_field("sales_person") and doc.get("sales_owner") == to_user:
		doc.sales_person = people.person_of(to_user)
	doc.flags.notices = []
	doc.save()
	_record(doc, from_user, to_user)


def _by_next_step(doc, from_user: str, to_user: str):
	"""What was done stays with who did it; the step that was agreed is planned for the other one, and answered."""
	doc.check_permission("write")
	step = frappe.new_doc(doc.doctype)
	step.update({field: doc.get(field) for field in OF_STEP})
	step.update({"subject": doc.next_step, "sales_owner": to_user})
	step.starts_on = get_datetime(doc.next_step_date or nowdate())
	step.insert()
	doc.next_step_done = 1
	doc.save()
	_record(step, from_user, to_user)
	return step


def _by_state(doc, from_user: str, to_user: str) -> None:
	"""A question: who is asked is no field that a form changes."""
	doc.check_permission("write")
	doc.flags.notices = []
	automation.set_state(doc, {"manager": to_user}, event=("Owner", from_user, to_user))


def _of_customer(doc, from_user: str, to_user: str) -> None:
	"""Account manager, and the place in the sales team where both have a Sales Person."""
	doc.check_permission("write")
	if doc.account_manager == from_user:
		doc.account_manager = to_user
	old, new = set(people.nodes_of(from_user)), people.person_of(to_user)
	there = {row.sales_person for row in doc.sales_team}
	for row in doc.sales_team:
		if row.sales_person in old and new and new not in there:
			row.sales_person = new
			there.add(new)
	doc.save()
	doc.flags.notices = []
	_record(doc, from_user, to_user, customer=doc.name)


def _of_assignment(doc, from_user: str, to_user: str) -> None:
	"""An open ToDo about a document that who hands over may read; where the receiver has one about it already, that is
	enough. ToDos are nobody's but their user's, so it is written past that right."""
	rights.need(doc.reference_type, doc.reference_name)
	about = {"reference_type": doc.reference_type, "reference_name": doc.reference_name, "status": "Open"}
	if frappe.db.exists(TODO, {**about, "allocated_to": to_user}):
		values = {"status": "Cancelled"}
	else:
		values = {"allocated_to": to_user, "assigned_by": frappe.session.user}
	doc.db_set(values)
	doc.update_in_reference()


def _record(doc, from_user: str, to_user: str, **scope) -> None:
	event = ledger.record(doc, "Owner", from_user, to_user)
	if scope:
		frappe.db.set_value("Pipeline Event", event, scope, update_modified=False)


class _Assignments(Kind):
	"""Of those about documents that the reader may read; what is about nothing is private."""

	def held_by(self, user: str) -> list[dict]:
		rows = frappe.get_all(
			TODO,
			filters={**self.filters, "allocated_to": user, "reference_name": ("is", "set")},
			fields=["name", "description as title", *self.places()],
			order_by="creation asc, name asc",
			limit=0,
		)
		return [row for row in rows if rights.has(row.reference_type, row.reference_name)]


class _Customers(Kind):
	"""By account manager, and by the sales team."""

	def held_by(self, user: str) -> list[dict]:
		found = {row.name: row for row in super().held_by(user)}
		persons = people.nodes_of(user)
		if persons:
			in_team = {"parenttype": CUSTOMER, "sales_person": ("in", persons)}
			teams = frappe.get_all("Sales Team", filters=in_team, pluck="parent", order_by="parent asc", limit=0)
			for row in frappe.get_list(
				CUSTOMER,
				filters={"name": ("in", teams or [""]), "disabled": 0},
				fields=["name", "customer_name as title", "territory", "industry"],
				order_by="creation asc, name asc",
				limit=0,
			):
				found.setdefault(row.name, row)
		for row in found.values():
			row.customer = row.name
		return list(found.values())

	def is_held_by(self, doc, user: str) -> bool:
		persons = set(people.nodes_of(user))
		return doc.account_manager == user or any(row.sales_person in persons for row in doc.sales_team)


class _NextSteps(Kind):
	"""Steps that were agreed in an activity that is done, about no deal: they wait there."""

	def is_held_by(self, doc, user: str) -> bool:
		return super().is_held_by(doc, user) and bool(doc.next_step) and not doc.next_step_done


def _open(*states: str) -> dict:
	return {"status": ("in", states)}


def _not_closed(doctype: str) -> dict:
	return {"status": ("not in", STATES[doctype].closed)}


OWNER = ("sales_owner",)
OF_STEP = ("way", "priority", "reference_doctype", "reference_name", "customer", "prospect", "contact", "company")
AGREED = {"status": "Done", "next_step_done": 0, "next_step": ("is", "set")}
KINDS = (
	_Customers("with_customers", CUSTOMER, ("account_manager",), {"disabled": 0}, "customer_name", _of_customer),
	Kind("with_prospects", "Sales Prospect", OWNER, _open("Unverified"), "prospect_name", _by_owner),
	Kind("with_campaigns", "Sales Campaign", OWNER, _not_closed("Sales Campaign"), "title", _by_owner),
	Kind("with_leads", "Sales Lead", OWNER, _not_closed("Sales Lead"), "title", _by_owner),
	Kind("with_deals", "Sales Opportunity", OWNER, _not_closed("Sales Opportunity"), "title", _by_owner),
	Kind("with_deals", "Sales Project", OWNER, _not_closed("Sales Project"), "title", _by_owner),
	Kind("with_contracts", "Sales Contract", OWNER, _open("Draft", "Active"), "title", _by_owner),
	Kind(
		"with_requests",
		"Sales Order Request",
		OWNER,
		_open("Draft", "Requested", "Accepted", "Delivered"),
		"title",
		_by_owner,
	),
	Kind("with_activities", "Sales Activity", OWNER, _open("Planned"), "subject", _by_save),
	_NextSteps("with_activities", "Sales Activity", OWNER, AGREED, "next_step", _by_next_step),
	Kind("with_cases", CASE, ("sales_owner", "responsible"), _not_closed(CASE), "subject", _by_save),
	Kind("with_promises", "Promise to Pay", OWNER, _open("Open", "Broken"), "title", _by_save),
	_Assignments("with_assignments", TODO, ("allocated_to",), _open("Open"), "description", _of_assignment),
	Kind("with_questions", HELP, ("manager",), _open("Open"), "question", _by_state),
)
BY_DOCTYPE = {kind.doctype: kind for kind in KINDS if not isinstance(kind, _NextSteps)}


def kind_of(doctype: str, doc) -> Kind:
	"""The row of KINDS by which a document is handed over."""
	done = doctype == "Sales Activity" and doc.status == "Done"
	return next(kind for kind in KINDS if kind.doctype == doctype and isinstance(kind, _NextSteps) == done)
