"""Where an admin put a Workflow on what we would submit, it is the workflow that approves: nothing of ours goes past it."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.orders import hand_off
from crm_pipeline.wording import bold


def workflow_of(doctype: str) -> str | None:
	"""The active Workflow of a type."""
	if not frappe.db.exists("DocType", "Workflow"):
		return None
	return frappe.db.get_value("Workflow", {"document_type": doctype, "is_active": 1}, "name")


def submits_orders() -> bool:
	"""Whether an accepted request's Sales Order is submitted at once."""
	wanted = cint(frappe.db.get_single_value("CRM Pipeline Settings", "submit_sales_order"))
	return bool(wanted) and not workflow_of("Sales Order")


def notify_of_draft(order: str) -> None:
	"""Say that an order waits for its workflow, where one is the reason why it is a draft."""
	workflow = workflow_of("Sales Order")
	if workflow:
		frappe.msgprint(
			_("{0} {1} is a draft until it was approved by workflow {2}").format(
				_("Sales Order"), order, bold(workflow)
			),
			title=_("To Be Approved"),
			indicator="orange",
		)


def refuse_to_submit() -> None:
	"""Raise HandOffError where order requests are approved by a workflow: nobody sends one past it in one click."""
	workflow = workflow_of("Sales Order Request")
	if workflow:
		frappe.throw(
			_(
				"Order requests are approved by workflow {0}. Request the order instead; it can be accepted once it was approved."
			).format(bold(workflow)),
			hand_off.HandOffError,
			title=_("To Be Approved"),
		)
