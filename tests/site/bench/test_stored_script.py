"""No text of ours runs as script on somebody else's screen or paper, whatever way it came in."""

import frappe
import pytest

SCRIPT = '<img src="x" onerror="alert(1)"><script>alert(2)</script><b>bold</b>'
AS_JSON = '"<img src=x onerror=alert(1)>"'
RUNS = ("onerror", "<script")


def runs(text: str | None) -> bool:
	return any(word in (text or "").lower() for word in RUNS)


def everything_stored(doc) -> str:
	doc.reload()
	return frappe.as_json(doc.as_dict())


@pytest.mark.parametrize("script", [SCRIPT, AS_JSON])
def test_a_contract_inserted_as_submitted_is_clean(sale, world, as_user, script):
	as_user("rep")
	rows = [{**row, "description": script, "item_name": script} for row in sale.rows()]
	contract = sale.contract(submit=False, docstatus=1, terms=script, title=script, po_no=script[:140], items=rows)
	assert contract.docstatus == 1 and not runs(everything_stored(contract))


@pytest.mark.parametrize("script", [SCRIPT, AS_JSON])
def test_what_is_changed_while_submitting_or_afterwards_is_clean(sale, as_user, script):
	as_user("rep")
	contract = sale.contract(submit=False, terms=script)
	assert not runs(everything_stored(contract))
	contract.update({"docstatus": 1, "terms": script, "title": script})
	contract.items[0].description = script
	contract.save()
	assert not runs(everything_stored(contract))
	as_user("manager")
	contract.update({"docstatus": 2, "terms": script})
	contract.save()
	assert contract.docstatus == 2 and not runs(everything_stored(contract))


def test_requests_and_estimates_inserted_as_submitted_are_clean(sale, world, as_user):
	as_user("manager")
	rows = [{**row, "description": SCRIPT} for row in sale.rows()]
	values = {
		"customer": world.customer,
		"company": world.company,
		"items": rows,
		"terms": SCRIPT,
		"instructions": SCRIPT,
	}
	request = frappe.get_doc({"doctype": "Sales Order Request", "docstatus": 1, "title": SCRIPT, **values}).insert()
	assert not runs(everything_stored(request))
	deal = sale.opportunity(items=sale.rows((world.pump, 1, 100)))
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	estimate = frappe.get_doc({"doctype": "Cost Estimate", "docstatus": 1, "notes": SCRIPT, **about})
	estimate.append("other_costs", {"description": SCRIPT, "amount": 5})
	assert not runs(everything_stored(estimate.insert()))


@pytest.mark.parametrize("script", [SCRIPT, AS_JSON])
def test_drafts_and_records_about_deals_are_clean(sale, as_user, script):
	as_user("rep")
	deal = sale.opportunity(title=script[:140], description=script)
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "way": "Phone", "notes": script, **about}
	).insert()
	memo = frappe.get_doc({"doctype": "Sales Memo", "subject": script[:140], "memo": script, **about}).insert()
	assert not any(runs(everything_stored(doc)) for doc in (deal, activity, memo))


def test_a_text_with_a_less_than_sign_stays_as_it_was_typed(sale, as_user):
	as_user("rep")
	assert sale.opportunity(title="Flow < 5 bar & > 2").title == "Flow < 5 bar & > 2"


def test_old_rows_that_hold_script_are_printed_without_it(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	frappe.db.set_value("Sales Contract", contract.name, {"terms": SCRIPT, "title": SCRIPT}, update_modified=False)
	for row in contract.items:
		frappe.db.set_value("Sales Contract Item", row.name, {"description": SCRIPT, "item_name": SCRIPT})
	printed = frappe.get_print(
		"Sales Contract", contract.name, "Sales Contract", doc=frappe.get_doc("Sales Contract", contract.name)
	)
	body = printed[printed.index("crm-contract") :]
	assert "<b>bold</b>" in body and "<script>alert" not in body and '"alert(1)"' not in body


def test_rows_of_before_are_cleaned_by_the_patch(sale, as_user):
	from crm_pipeline.patches.v0_4 import clean_stored_html

	contract = sale.contract()
	modified = str(contract.modified)
	frappe.db.set_value("Sales Contract", contract.name, {"terms": SCRIPT}, update_modified=False)
	frappe.db.set_value("Sales Contract Item", contract.items[0].name, "description", AS_JSON, update_modified=False)
	clean_stored_html.clean("Sales Contract")
	clean_stored_html.clean("Sales Contract Item")
	assert not runs(everything_stored(contract)) and str(contract.modified) == modified


# ---- what others typed, in messages, masters and copies

NATIVE = AS_JSON.replace("alert(1)", "alert`1`")


def told(call) -> str:
	"""What Desk would show as HTML of a call that is refused."""
	frappe.clear_messages()
	with pytest.raises(frappe.ValidationError):
		call()
	return frappe.as_json([message.message for message in map(frappe._dict, frappe.get_message_log())])


@pytest.mark.parametrize(
	"doctype",
	["Sales Competitor", "Sales Lost Reason", "Sales Pipeline", "Pipeline Stage", "CRM Pipeline Settings"],
)
@pytest.mark.parametrize("script", [SCRIPT, AS_JSON])
def test_masters_and_settings_are_clean(world, doctype, script):
	text = {"Sales Competitor": "notes", "Pipeline Stage": "label", "Sales Pipeline": "description"}
	if doctype == "CRM Pipeline Settings":
		doc = frappe.get_doc(doctype)
	else:
		doc = frappe.get_doc({"doctype": doctype, **new_master(doctype, world)})
	for df in doc.meta.fields:
		if df.fieldtype in ("Small Text", "Text", "Text Editor", "Long Text") or df.fieldname == text.get(doctype):
			doc.set(df.fieldname, script)
	doc.flags.ignore_permissions = True
	doc.save()
	assert not runs(everything_stored(doc))


def new_master(doctype: str, world) -> dict:
	return {
		"Sales Competitor": {"competitor_name": f"Rival {world.tag}"},
		"Sales Lost Reason": {"reason": f"Reason {world.tag}"},
		"Sales Pipeline": {"pipeline_name": f"Pipe {world.tag}", "applies_to": "Sales Opportunity"},
		"Pipeline Stage": {
			"pipeline": "Standard Sales", "stage_key": f"x{world.tag}", "label": "X", "position": 95, "stage_type": "Open",
			"tasks": [{"subject": AS_JSON}], "gates": [],
		},
	}[doctype]  # fmt: skip


def test_the_name_that_a_native_customer_has_does_not_run_in_our_documents(sale, world, as_user):
	"""ERPNext stores a text that reads as JSON as it is."""
	frappe.db.set_value("Customer", world.customer, "customer_name", NATIVE)
	frappe.db.set_value("Item", world.pump, "item_name", NATIVE)
	frappe.clear_document_cache("Item", world.pump)
	as_user("rep")
	deal = sale.opportunity()
	assert deal.party_name and not runs(everything_stored(deal))
	assert not runs(everything_stored(sale.contract()))
	customer = frappe.get_doc("Customer", world.customer)
	customer.customer_name = NATIVE.replace("1", "2")
	customer.save()
	assert not runs(everything_stored(deal))


def test_messages_name_what_was_typed_escaped(sale, world, as_user):
	from crm_pipeline import api

	as_user("rep")
	deal = sale.opportunity()
	# As it stands in a database of before.
	frappe.db.set_value(deal.doctype, deal.name, {"title": NATIVE, "party_name": NATIVE})
	frappe.db.set_value("Pipeline Stage", deal.stage, "label", NATIVE)
	said = [
		told(lambda: api.move_stage(deal.doctype, deal.name, deal.stage, seen_stage="Standard Sales-won")),
		told(lambda: api.lose_deal(deal.doctype, deal.name, "")),
	]
	refused_prospect = sale.lead(prospect_name=f"Gone {world.tag}", email_id=None, phone=None).prospect
	api.reject_prospect(refused_prospect, "Price")
	frappe.db.set_value("Sales Prospect", refused_prospect, "prospect_name", NATIVE)
	said.append(told(lambda: api.verify_prospect(refused_prospect, create_new=True)))
	assert not any("<img" in text for text in said)
	assert "&lt;img" in said[-1]
