"""Pool Movement: what went into the public pool and out of it. Written by pool/movements.py alone; nobody changes it."""

import frappe
from frappe import _
from frappe.model.document import Document


class PoolMovement(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		at: DF.Datetime
		by: DF.Link | None
		company: DF.Link | None
		customer: DF.Link | None
		from_user: DF.Link | None
		movement: DF.Literal["Fell", "Released", "Claimed", "Given"]
		note: DF.SmallText | None
		pool_rule: DF.Link | None
		prospect: DF.Link | None
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		title: DF.Data | None
		to_user: DF.Link | None
	# end: auto-generated types

	def validate(self):
		frappe.throw(_("The history of the public pool can't be changed"), frappe.PermissionError)
