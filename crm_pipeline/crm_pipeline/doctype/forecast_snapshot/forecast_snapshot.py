"""A frozen line of a past forecast. Who may see it: as with the deals it sums up."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.permissions import get_user_permissions

from crm_pipeline import permissions
from crm_pipeline.chain.rights import limiting
from crm_pipeline.core.registry import DEALS

SNAPSHOT = "Forecast Snapshot"

class ForecastSnapshot(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		amount: DF.Currency
		category: DF.Literal["Omitted", "Pipeline", "Best Case", "Commit", "Closed"]
		company: DF.Link
		document_type: DF.Literal["Sales Opportunity", "Sales Project"]
		documents: DF.Int
		historical: DF.Currency
		month: DF.Date | None
		overdue: DF.Check
		pipeline: DF.Link | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		taken_on: DF.Date
		territory: DF.Link | None
		week: DF.Data
		weighted: DF.Currency
		won: DF.Currency
	# end: auto-generated types

	def validate(self):
		if not self.is_new():
			frappe.throw(_("Forecast Snapshots can't be changed"), frappe.PermissionError)

	def on_trash(self):
		frappe.throw(_("Forecast Snapshots can't be deleted"), frappe.PermissionError)


def on_doctype_update():
	frappe.db.add_index(SNAPSHOT, ["company", "month", "taken_on"], "crm_snapshot_of_month")


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: the user's part of the team; nothing where a restriction can't be applied to a sum."""
	if restricted_beyond_snapshots(user or frappe.session.user):
		return "1 = 0"
	return permissions.owned_condition(user, doctype or SNAPSHOT)


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one row."""
	if restricted_beyond_snapshots(user or frappe.session.user):
		return False
	return permissions.has_owned_permission(doc, ptype, user)


def restricted_beyond_snapshots(user: str) -> bool:
	"""Whether User Permissions narrow the user's deals by something that snapshots don't keep, such as customers."""
	limits = set(get_user_permissions(user)) - set(limiting(SNAPSHOT))
	return bool(limits & {link for doctype in DEALS for link in limiting(doctype)})
