"""The worked example of CONTRIBUTING.md on a copy of the site: a new type of the chain works like the others."""

import json

import pytest

from tests import worked_example
from tests.site.bench.scratch import bench, copy_of, python


@pytest.fixture(scope="module")
def code(site, tmp_path_factory):
	with copy_of(site):
		folder = worked_example.apply_to(tmp_path_factory.mktemp("example"))
		bench("migrate", code=folder)
		yield folder


STORY = """
import json
from crm_pipeline import api, boot, permissions
from crm_pipeline.chain import ledger, ribbon_steps
from crm_pipeline.chain.status import StateError
from tests.site.world import Sale, build
world = build()
sale = Sale(world, frappe.set_user)
frappe.set_user('rep@crm-test.example')
lead = sale.lead(prospect_name=None, customer=world.customer)
visit = frappe.get_doc({'doctype': 'Site Visit', 'title': 'Pump room', 'company': world.company, 'customer': world.customer,
  'source_type': 'Sales Lead', 'source_name': lead.name, 'sales_owner': 'rep@crm-test.example', 'ordered_amount': 99}).insert()
said = {'new': [visit.status, visit.party_name == frappe.db.get_value('Customer', world.customer, 'customer_name'), visit.ordered_amount or 0]}
visit.status = 'Done'
visit.save()
visit.status = 'Planned'
try:
	visit.save()
except StateError as error:
	said['back'] = str(error)
	frappe.clear_messages()
visit.reload()
said['ledger'] = [(e['kind'], e['from_value'], e['to_value']) for e in ledger.history('Site Visit', visit.name)]
try:
	frappe.get_doc({'doctype': 'Sales Lead', 'title': 'x', 'company': world.company, 'customer': world.customer,
	  'source_type': 'Site Visit', 'source_name': visit.name}).insert()
except frappe.ValidationError as error:
	said['no source'] = str(error)
	frappe.clear_messages()
request = frappe.get_doc({'doctype': 'Sales Order Request', 'company': world.company, 'customer': world.customer,
  'source_type': 'Site Visit', 'source_name': visit.name, 'delivery_date': frappe.utils.add_days(frappe.utils.nowdate(), 7),
  'items': sale.rows((world.pump, 2, 100))}).insert()
request.submit()
frappe.set_user('desk@crm-test.example')
api.accept_request(request.name)
frappe.set_user('Administrator')
frappe.db.commit()
visit.reload()
said['ordered'] = visit.ordered_amount
said['ribbon'] = [(s['key'], s['state']) for s in ribbon_steps.ribbon_of('Sales Order Request', request.name)['steps'] if s['nodes']]
said['found'] = [row[0] == visit.name for row in api.search_documents('Site Visit', 'Pump', 'name', 0, 10, {})]
said['condition'] = bool(frappe.get_hooks('permission_query_conditions').get('Site Visit'))
info = frappe._dict()
boot.extend(info)
said['boot'] = info.crm_pipeline['states']['Site Visit']
said['connections'] = [g['items'] for g in frappe.get_meta('Site Visit').get_dashboard_data()['transactions']][:2]
print(json.dumps(said, default=str))
"""


def test_the_new_type_works_in_the_chain(code, site):
	said = json.loads(python(STORY, source=code).strip().splitlines()[-1])
	assert said["new"] == ["Planned", True, 0]
	assert "is Done and can't become Planned" in said["back"].replace("<strong>", "").replace("</strong>", "")
	assert said["ledger"] == [["Created", None, "Planned"], ["State", "Planned", "Done"]]
	assert "can't come from a Site Visit" in said["no source"]
	assert said["ordered"] == 200
	steps = [
		("Sales Lead", "done"),
		("Site Visit", "done"),
		("Sales Order Request", "done"),
		("Sales Order", "current"),
	]
	assert [tuple(step) for step in said["ribbon"]] == steps
	assert said["found"] == [True] and said["condition"]
	assert said["boot"] == [["Planned", "blue", "open"], ["Done", "green", "won"]]
	assert said["connections"] == [["Quotation"], ["Sales Contract", "Sales Order Request", "Sales Order"]]
