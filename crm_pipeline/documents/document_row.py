"""Rows of our documents: read with the document that they stand in, and changed with it.

For a row by itself the framework asks for a right to the *type* of its document, and saves it past the document:
past its owner, its checks, and its having been submitted.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from crm_pipeline.chain import rights

READING = ("read", "select", "report", "export", "print", "email")


class DocumentRow(Document):
	"""Base of all child DocTypes."""

	def has_permission(self, permtype="read", *, debug=False, user=None) -> bool:
		if not super().has_permission(permtype, debug=debug, user=user):
			return False
		if self.flags.ignore_permissions or not self.parenttype:
			return True
		return rights.has(self.parenttype, self.parent, "read" if permtype in READING else "write", user)

	# A document saves its rows itself: these run only for a row that is saved or deleted alone.

	def before_insert(self):
		self.refuse_alone()

	def validate(self):
		self.refuse_alone()

	def before_update_after_submit(self):
		self.refuse_alone()

	def before_cancel(self):
		self.refuse_alone()

	def on_trash(self):
		self.refuse_alone()

	def refuse_alone(self):
		if not self.flags.ignore_permissions:
			frappe.throw(
				_("A row is changed with its document: save the {0} instead").format(_(self.parenttype or "")),
				frappe.PermissionError,
			)
