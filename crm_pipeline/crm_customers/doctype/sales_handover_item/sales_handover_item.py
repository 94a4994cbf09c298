import frappe

from crm_pipeline import permissions
from crm_pipeline.crm_customers.doctype.sales_handover.sales_handover import sees_all
from crm_pipeline.documents.document_row import DocumentRow


class SalesHandoverItem(DocumentRow):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		document: DF.DynamicLink
		document_type: DF.Link | None
		message: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		party: DF.Data | None
		state: DF.Literal["Waiting", "Done", "Skipped", "Refused"]
		title: DF.Data | None
		to_user: DF.Link | None
	# end: auto-generated types

	def has_permission(self, permtype="read", *, debug=False, user=None) -> bool:
		"""As the handover shows its rows."""
		if not super().has_permission(permtype, debug=debug, user=user):
			return False
		user = user or frappe.session.user
		if self.flags.ignore_permissions or self.to_user == user:
			return True
		handover = frappe.db.get_value("Sales Handover", self.parent, ["name", "owner", "from_user"], as_dict=True)
		return not handover or sees_all(handover, user)


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists of rows: those of handovers that the user sees, of which some show but what comes to the user."""
	user = user or frappe.session.user
	if frappe.has_permission("Sales Handover", "write", user=user):
		return permissions.row_condition(user, "Sales Handover Item")
	own, table = frappe.db.escape(user, percent=False), "`tabSales Handover Item`"
	whole = f"select name from `tabSales Handover` where owner = {own} or from_user = {own}"
	return f"({table}.to_user = {own} or {table}.parent in ({whole}))"
