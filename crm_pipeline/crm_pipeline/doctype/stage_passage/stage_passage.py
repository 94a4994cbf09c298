import frappe
from frappe import _
from frappe.model.document import Document


class StagePassage(Document):
	"""A deal's visits to one stage, computed from the ledger; see chain/passages.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link | None
		first_entered: DF.Datetime | None
		last_left: DF.Datetime | None
		longest_seconds: DF.Int
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		seconds: DF.Int
		stage: DF.Link
		visits: DF.Int
		went_to: DF.Link | None
	# end: auto-generated types

	def validate(self):
		frappe.throw(_("Stage Passages follow the ledger and can't be changed"), frappe.PermissionError)

	def on_trash(self):
		frappe.throw(_("Stage Passages follow the ledger and can't be deleted"), frappe.PermissionError)


def on_doctype_update():
	# The shorter way to a deal is by its name: a funnel goes it once per deal, and reads nothing but the index.
	fields = ["reference_name", "reference_doctype", "stage", "seconds", "last_left", "visits"]
	frappe.db.add_index("Stage Passage", fields, "crm_passages_of_deal")
	frappe.db.add_index("Stage Passage", ["reference_doctype", "visits", "last_left"], "crm_passages_in_period")
