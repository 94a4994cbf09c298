"""Sales Handover: what somebody holds goes to others. Who sees one: who gave or got something by it, and managers. Who got
something sees of the records their own."""

import frappe
from frappe.model.document import Document

from crm_pipeline.chain import incoming, link_titles, system_fields
from crm_pipeline.handovers import handing_over
from crm_pipeline.handovers.absence_checks import MANAGERS
from crm_pipeline.parties import people

class SalesHandover(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_customers.doctype.sales_handover_item.sales_handover_item import SalesHandoverItem
		from crm_pipeline.crm_customers.doctype.sales_handover_receiver.sales_handover_receiver import SalesHandoverReceiver
		from frappe.types import DF

		done: DF.Int
		finished_on: DF.Datetime | None
		from_user: DF.Link
		items: DF.Table[SalesHandoverItem]
		naming_series: DF.Literal["SHO-.YYYY.-.#####"]
		note: DF.SmallText | None
		receivers: DF.Table[SalesHandoverReceiver]
		refused: DF.Int
		rule: DF.Literal["One Person", "Territory", "Industry", "Even Load"]
		running_key: DF.Data | None
		started_by: DF.Link | None
		started_on: DF.Datetime | None
		status: DF.Literal["Draft", "Prepared", "Running", "Done"]
		title: DF.Data | None
		total: DF.Int
		with_activities: DF.Check
		with_assignments: DF.Check
		with_campaigns: DF.Check
		with_cases: DF.Check
		with_contracts: DF.Check
		with_customers: DF.Check
		with_deals: DF.Check
		with_leads: DF.Check
		with_promises: DF.Check
		with_prospects: DF.Check
		with_questions: DF.Check
		with_requests: DF.Check
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		handing_over.follow(self)

	def on_update(self):
		handing_over.keep_out_of_log(self)

	def on_trash(self):
		handing_over.refuse_deleting(self)

	def apply_fieldlevel_read_permissions(self):
		"""What forms and the API send. Who gets none but their own rows can not save: that takes the write right."""
		super().apply_fieldlevel_read_permissions()
		self._keep_what_is_seen()

	def before_print(self, settings: dict | None = None):
		"""The same on paper, and in the mails that have it attached."""
		self._keep_what_is_seen()

	def _keep_what_is_seen(self):
		if not sees_all(self):
			self.items = [row for row in self.items if row.to_user == frappe.session.user]


def sees_all(handover, user: str | None = None) -> bool:
	"""Whether a user who may read a handover sees all that is handed over by it, or their own rows only."""
	user = user or frappe.session.user
	return user in (handover.owner, handover.from_user) or bool(
		frappe.has_permission("Sales Handover", "write", doc=handover.name, user=user)
	)


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: of a manager's part of the team, or by which the user gave something or got all of it. Of a handover
	that holds what others get as well a list would show their rows, joined to it; a receiver opens it from the notice."""
	user = user or frappe.session.user
	own = frappe.db.escape(user, percent=False)
	table = "`tabSales Handover`"
	to_them = f"{table}.name in (select parent from `tabSales Handover Item` where to_user = {own})"
	to_others = f"{table}.name in (select parent from `tabSales Handover Item` where ifnull(to_user, '') != {own})"
	mine = f"({table}.owner = {own} or {table}.from_user = {own} or ({to_them} and not {to_others}))"
	if not set(MANAGERS) & set(frappe.get_roles(user)):
		return mine
	visibility = people.visibility_of(user)
	if not visibility:
		return ""
	users = ", ".join(frappe.db.escape(who, percent=False) for who in visibility.users)
	return f"({mine} or {table}.from_user in ({users}))"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one document."""
	user = user or frappe.session.user
	if doc.is_new() or user in (doc.owner, doc.from_user):
		return True
	if any(row.user == user for row in doc.receivers or ()) or any(row.to_user == user for row in doc.items or ()):
		return True
	if not set(MANAGERS) & set(frappe.get_roles(user)):
		return False
	visibility = people.visibility_of(user)
	return not visibility or doc.from_user in visibility.users
