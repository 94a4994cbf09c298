"""An admin's Workflow on what we would submit: it approves, nobody else."""

import frappe
import pytest
from frappe.model.workflow import apply_workflow

from crm_pipeline import api
from crm_pipeline.orders.hand_off import HandOffError
from tests.site.world import refused

ORDER, REQUEST = "Sales Order", "Sales Order Request"
WAITS, APPROVED = "CRM Test Waits", "CRM Test Approved"


@pytest.fixture
def workflow(rolled_back):
	"""workflow(doctype): a manager approves what is submitted. Its state is kept in a field that is there already."""
	made = []

	def make(doctype: str) -> None:
		for state in (WAITS, APPROVED):
			new = {"doctype": "Workflow State", "workflow_state_name": state}
			frappe.get_doc(new).insert(ignore_if_duplicate=True)
		action = {"doctype": "Workflow Action Master", "workflow_action_name": "CRM Test Approve"}
		frappe.get_doc(action).insert(ignore_if_duplicate=True)
		manager = {"allow_edit": "Sales Manager"}
		frappe.get_doc({
			"doctype": "Workflow", "workflow_name": f"CRM Test {doctype}", "document_type": doctype, "is_active": 1,
			"workflow_state_field": "po_no", "send_email_alert": 0,
			"states": [{"state": WAITS, "doc_status": "0", "allow_edit": "Sales User"}, {"state": APPROVED, "doc_status": "1", **manager}],
			"transitions": [{"state": WAITS, "action": "CRM Test Approve", "next_state": APPROVED, "allowed": "Sales Manager", "allow_self_approval": 1}],
		}).insert()  # fmt: skip
		made.append(doctype)
		frappe.clear_cache(doctype=doctype)

	yield make
	for doctype in made:
		frappe.cache.hdel("workflow", doctype)


def test_an_accepted_request_leaves_its_order_to_the_workflow_of_orders(sale, as_user, workflow):
	as_user("rep")
	request = sale.request(sale.contract())
	frappe.set_user("Administrator")
	workflow(ORDER)
	as_user("desk")
	frappe.clear_messages()
	assert api.get_acceptance(request.name)["will_submit"] is False
	order = sale.accept(request)
	assert (order.docstatus, order.po_no) == (0, WAITS)
	assert "approved by workflow" in str(frappe.local.message_log)
	as_user("manager")
	order = apply_workflow(order, "CRM Test Approve")
	assert (order.docstatus, frappe.db.get_value(REQUEST, request.name, "status")) == (1, "Accepted")


def test_one_click_sends_no_request_past_the_workflow_of_requests(sale, as_user, workflow):
	as_user("desk")
	contract = sale.contract()
	frappe.set_user("Administrator")
	workflow(REQUEST)
	as_user("desk")
	with refused(HandOffError, match="approved by workflow"):
		api.order_now(contract.doctype, contract.name)
	request = sale.request(contract, submit=False)
	as_user("manager")
	apply_workflow(request, "CRM Test Approve")
	as_user("desk")
	assert api.order_now(contract.doctype, contract.name)["doctype"] == ORDER
