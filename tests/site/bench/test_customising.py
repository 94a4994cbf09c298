"""An admin's own fields and Workflow on our DocTypes, renames and merges, bulk edit: on a copy of the site."""

import pytest

from tests.site.bench.scratch import bench, copy_of, python


@pytest.fixture(scope="module")
def scratch(site):
	with copy_of(site) as name:
		yield name


PREPARE = """
from tests.site.world import Sale, build, customer
from frappe import set_user
from crm_pipeline import api
world = build()
sale = Sale(world, set_user)
"""

FIELDS = """
from frappe.custom.doctype.custom_field.custom_field import create_custom_field
for doctype in ('Sales Prospect', 'Sales Lead', 'Sales Opportunity', 'Sales Project', 'Sales Contract',
  'Sales Order Request', 'Customer', 'Quotation', 'Sales Order'):
	create_custom_field(doctype, {'fieldname': 'vessel', 'label': 'Vessel', 'fieldtype': 'Data'})
for doctype in ('Sales Deal Item', 'Sales Contract Item', 'Sales Order Request Item', 'Quotation Item', 'Sales Order Item'):
	create_custom_field(doctype, {'fieldname': 'deck', 'label': 'Deck', 'fieldtype': 'Data'})
"""

TRAVEL = (
	PREPARE
	+ """
lead = sale.lead(vessel='MV Anna', items=[{'item_code': world.pump, 'qty': 1, 'rate': 10, 'deck': 'upper'}])
deal = frappe.get_doc('Sales Opportunity', api.convert_lead(lead.name, assessment='Hot')['name'])
quotation = frappe.get_doc('Quotation', api.make_quotation('Sales Opportunity', deal.name)['name'])
quotation.submit()
contract = frappe.get_doc('Sales Contract', api.make_contract('Quotation', quotation.name)['name'])
contract.submit()
order = sale.order(contract)
direct = sale.order(sale.opportunity(vessel='MV Berta', items=[{'item_code': world.pump, 'qty': 1, 'rate': 10, 'deck': 'lower'}]))
print([d.vessel for d in (deal, quotation, contract, order, direct)], [d.items[0].deck for d in (deal, quotation, contract, order, direct)])
"""
)


def test_an_admins_fields_travel_the_whole_chain_and_survive_migrate(scratch):
	python(FIELDS)
	bench("migrate")
	seen = python(TRAVEL).strip().splitlines()[-1]
	assert seen == str(["MV Anna"] * 4 + ["MV Berta"]) + " " + str(["upper"] * 4 + ["lower"])


RENAME = (
	PREPARE
	+ """
deal = sale.opportunity()
contract = sale.contract(items=sale.rows((world.pump, 2, 100)))
other = customer('Merged Into ' + world.tag)
frappe.db.commit()
frappe.rename_doc('Customer', world.customer, other, merge=True)
frappe.rename_doc('Item', world.pump, 'New ' + world.pump)
deal.reload(); contract.reload()
print(deal.customer == other, contract.customer == other, deal.items[0].item_code == 'New ' + world.pump)
order = sale.order(contract)
print(order.customer == other, order.items[0].item_code == 'New ' + world.pump)
events = frappe.get_all('Pipeline Event', filters={'reference_name': deal.name}, pluck='customer', order_by='name asc')
print(set(events) == {other})
deal.save()
print(deal.party_name == 'Merged Into ' + world.tag)
"""
)


def test_renamed_and_merged_customers_and_items_take_our_documents_along(scratch):
	assert set(python(RENAME).split()) == {"True"}


BULK = (
	PREPARE
	+ """
deals = [sale.opportunity().name for _ in range(2)]
frappe.db.commit()
from frappe.desk.doctype.bulk_update.bulk_update import submit_cancel_or_update_docs
submit_cancel_or_update_docs('Sales Opportunity', deals, 'update', {'stage': 'Standard Sales-won'})
print([frappe.db.get_value('Sales Opportunity', d, 'status') for d in deals])
submit_cancel_or_update_docs('Sales Opportunity', deals, 'update', {'stage': 'Standard Sales-proposal'})
print([frappe.db.get_value('Sales Opportunity', d, 'probability') for d in deals],
  frappe.db.count('Pipeline Event', {'reference_name': ('in', deals), 'kind': 'Stage'}))
"""
)


def test_a_bulk_edit_moves_stages_by_the_same_rules(scratch):
	lines = python(BULK).strip().splitlines()
	assert lines[-2:] == ["['Open', 'Open']", "[50.0, 50.0] 2"]


WORKFLOW = """
for state in ('Draft', 'Legal Review', 'Agreed'):
	if not frappe.db.exists('Workflow State', state):
		frappe.get_doc({'doctype': 'Workflow State', 'workflow_state_name': state}).insert()
for action in ('Send to Legal', 'Agree'):
	frappe.get_doc({'doctype': 'Workflow Action Master', 'workflow_action_name': action}).insert(ignore_if_duplicate=True)
frappe.get_doc({'doctype': 'Workflow', 'workflow_name': 'Contract Approval', 'document_type': 'Sales Contract', 'is_active': 1,
  'workflow_state_field': 'workflow_state', 'send_email_alert': 0,
  'states': [{'state': 'Draft', 'doc_status': '0', 'allow_edit': 'Sales User'},
    {'state': 'Legal Review', 'doc_status': '0', 'allow_edit': 'Sales Manager'},
    {'state': 'Agreed', 'doc_status': '1', 'allow_edit': 'Sales Manager'}],
  'transitions': [{'state': 'Draft', 'action': 'Send to Legal', 'next_state': 'Legal Review', 'allowed': 'Sales User'},
    {'state': 'Legal Review', 'action': 'Agree', 'next_state': 'Agreed', 'allowed': 'Sales Manager'}]}).insert()
"""

APPROVE = (
	PREPARE
	+ """
from frappe.model.workflow import apply_workflow
frappe.set_user('rep@crm-test.example')
deal = sale.opportunity()
contract = frappe.get_doc('Sales Contract', api.make_contract('Sales Opportunity', deal.name)['name'])
contract = apply_workflow(contract, 'Send to Legal')
try:
	apply_workflow(contract, 'Agree')
	print('the rep agreed alone')
except Exception as e:
	print(type(e).__name__)
frappe.set_user('manager@crm-test.example')
contract = apply_workflow(frappe.get_doc('Sales Contract', contract.name), 'Agree')
print(contract.docstatus, contract.status, frappe.db.get_value('Sales Opportunity', deal.name, 'status'))
"""
)


def test_an_admins_workflow_approves_contracts(scratch):
	python(WORKFLOW)
	lines = python(APPROVE).strip().splitlines()
	assert lines[-1] == "1 Active Won"
	assert lines[-2] != "the rep agreed alone"
