"""Install, migrate, uninstall, reinstall, upgrade on a throw-away copy of the site."""

import json
import subprocess

import pytest

from tests.site.bench.scratch import ROOT, bench, copy_of, python

# What a day of work leaves behind: our documents and the native ones that came from them.
WORK = """
from tests.site.world import Sale, build
from frappe import set_user
world = build()
sale = Sale(world, set_user)
lead = sale.lead(phone=None)
from crm_pipeline import api
deal = frappe.get_doc('Sales Opportunity', api.convert_lead(lead.name, assessment='Hot')['name'])
order = sale.order(deal)
print(order.name, deal.name)
"""

# ERPNext has a column crm_campaign of its own on another table.
EXTENDED = "('tabQuotation', 'tabSales Order', 'tabSales Order Item', 'tabSales Person', 'tabCustomer')"

# ERPNext's tables with indexes of ours.
NATIVE = "('tabQuotation', 'tabSales Order', 'tabDelivery Note', 'tabSales Invoice', 'tabPayment Entry', 'tabPayment Ledger Entry')"

OURS = "module in ('CRM Pipeline', 'CRM Prospecting', 'CRM Customers')"

STATE = f"""
import json
def rows(query): return sorted(map(str, frappe.db.sql(query)))
print(json.dumps({{
 'doctypes': rows("select name from tabDocType where {OURS}"),
 'fields': rows("select dt, fieldname, fieldtype, label, insert_after, `unique`, search_index from `tabCustom Field` where module = 'CRM Pipeline'"),
 'setters': rows("select name from `tabProperty Setter` where module = 'CRM Pipeline'"),
 'roles': rows("select name from tabRole where name = 'Order Desk'"),
 'profiles': rows("select name from `tabRole Profile` where name like 'CRM %'"),
 'texts': rows("select name from `tabEmail Template` where name like 'CRM %' union select name from `tabTerms and Conditions` where name like 'CRM %'"),
 'stages': rows("select name, label, position from `tabPipeline Stage`") if frappe.db.table_exists('Pipeline Stage') else [],
 'columns': rows("select table_name, column_name, column_type from information_schema.columns where table_schema = database() and table_name in {EXTENDED} and column_name like 'crm\\\\_%'"),
 'indexes': rows("select distinct table_name, index_name from information_schema.statistics where table_schema = database() and index_name like 'crm\\\\_%' and table_name in {NATIVE}"),
 'tables': rows("select table_name from information_schema.tables where table_schema = database() and (table_name like 'tabSales Lead%' or table_name like 'tabPipeline %' or table_name like 'tabSales Oppor%' or table_name like 'tabSales Contract%')"),
 'desk': rows("select 'Workspace', name from tabWorkspace where {OURS} union select 'Report', name from tabReport where {OURS} union select 'Print Format', name from `tabPrint Format` where {OURS} union select 'Number Card', name from `tabNumber Card` where {OURS} union select 'Dashboard Chart', name from `tabDashboard Chart` where {OURS}"),
}}))
"""

# What an admin has made around our DocTypes. Stored as rows: whether each is complete is not the question.
MADE_BY_ADMIN = """
from frappe.custom.doctype.custom_field.custom_field import create_custom_field
deal = frappe.db.get_value('Sales Opportunity', {}, 'name')
about = {'reference_doctype': 'Sales Opportunity', 'reference_name': deal}
rows = [
 ('Notification', {'document_type': 'Sales Opportunity', 'event': 'Days Before', 'date_changed': 'expected_close',
  'days_in_advance': 1, 'enabled': 1, 'subject': 'Soon', 'channel': 'Email'}),
 ('Assignment Rule', {'document_type': 'Sales Lead'}),
 ('Auto Repeat', {'reference_doctype': 'Sales Contract'}),
 ('Workflow', {'document_type': 'Sales Contract', 'workflow_name': 'Left Behind'}),
 ('Kanban Board', {'reference_doctype': 'Sales Opportunity', 'kanban_board_name': 'Left Behind'}),
 ('Report', {'ref_doctype': 'Sales Opportunity', 'report_name': 'Left Behind', 'report_type': 'Report Builder'}),
 ('Auto Email Report', {'report': 'Left Behind', 'enabled': 1}),
 ('Dashboard Chart', {'document_type': 'Sales Opportunity', 'chart_name': 'Left Behind'}),
 ('Dashboard Chart Link', {'chart': 'Left Behind', 'parent': 'A Dashboard', 'parenttype': 'Dashboard', 'parentfield': 'charts'}),
 ('Number Card', {'document_type': 'Sales Opportunity'}),
 ('Data Import', {'reference_doctype': 'Sales Lead'}),
 ('Communication', {**about, 'subject': 'A mail', 'communication_medium': 'Email'}),
 ('Activity Log', {**about, 'subject': 'Left Behind'}),
 ('ToDo', {'reference_type': 'Sales Opportunity', 'reference_name': deal, 'description': 'Left Behind'}),
 ('Tag Link', {'document_type': 'Sales Opportunity', 'document_name': deal, 'tag': 'Left Behind'}),
]
for doctype, values in rows:
    frappe.get_doc({'doctype': doctype, 'name': 'Left Behind', **values}).db_insert()
create_custom_field('Task', {'fieldname': 'deal', 'label': 'Deal', 'fieldtype': 'Link', 'options': 'Sales Opportunity'})
print(*frappe.get_all('DocType', filters={'module': ('in', ('CRM Pipeline', 'CRM Prospecting', 'CRM Customers'))}, pluck='name', order_by='name'), sep=chr(10))
"""

# Rows of any table that name one of these DocTypes, and jobs and links that lead to nothing.
LEFT = """
import json
from frappe.email.doctype.notification.notification import trigger_daily_alerts
ours, left = {ours!r}, []
for table, field in frappe.db.sql("select parent, fieldname from tabDocField where fieldtype = 'Link' and options = 'DocType'"):
    if frappe.db.table_exists(table) and frappe.db.has_column(table, field):
        if frappe.db.count(table, {{field: ('in', ours)}}):
            left.append([table, field])
for table in ('DocField', 'Custom Field'):
    if frappe.db.count(table, {{'fieldtype': ('in', ('Link', 'Table')), 'options': ('in', ours)}}):
        left.append([table, 'options'])
for table in ('Auto Email Report', 'Dashboard Chart Link', 'Kanban Board', 'Report'):
    if frappe.db.exists(table, 'Left Behind'):
        left.append([table, 'name'])
if frappe.db.count('Scheduled Job Type', {{'method': ('like', 'crm_pipeline.%')}}):
    left.append(['Scheduled Job Type', 'method'])
trigger_daily_alerts()
print(json.dumps([left, frappe.db.get_value('Communication', 'Left Behind', 'subject'), frappe.get_meta('Task').get_field('deal').fieldtype]))
"""

NATIVE = """
import json
tables = ['Customer', 'Contact', 'Address', 'Item', 'Quotation', 'Sales Order', 'Sales Order Item', 'Sales Invoice',
  'Payment Entry', 'GL Entry', 'Sales Person', 'User', 'File', 'Company', 'Project', 'Task']
print(json.dumps({t: frappe.db.sql(f'select count(*), max(modified) from `tab{t}`', as_list=True)[0] for t in tables}, default=str))
"""


# Five migrations and more take longer than other tests on a busy machine.
SECONDS = 1200


def state():
	return json.loads(python(STATE).splitlines()[-1])


def native():
	return json.loads(python(NATIVE).splitlines()[-1])


@pytest.mark.timeout(SECONDS)
def test_install_migrate_uninstall_and_install_again(site):
	with copy_of(site):
		order, deal = python(WORK).split()
		before = state()
		bench("migrate")
		assert state() == before, "a migration without new code changes nothing"
		bench("migrate")
		assert state() == before

		ours = python(MADE_BY_ADMIN).splitlines()
		records = native()
		bench("uninstall-app", "crm_pipeline", "--yes", "--no-backup", "--force")
		gone = state()
		assert {key: value for key, value in gone.items() if value} == {}
		after = native()
		assert {t: row[0] for t, row in after.items()} == {t: row[0] for t, row in records.items()}
		still = python(f"print(frappe.get_doc('Sales Order', {order!r}).docstatus)")
		assert still.strip() == "1", "the order outlives the app"
		left, mail, field = json.loads(python(LEFT.format(ours=ours)).splitlines()[-1])
		assert left == [], "nothing points at what is gone"
		assert (mail, field) == ("A mail", "Data"), "a mail stays, and so does what an admin's field holds"

		bench("install-app", "crm_pipeline")
		assert state() == before
		assert python(f"print(frappe.db.exists('Sales Opportunity', {deal!r}))").strip() == "None"
		assert len(python(WORK).split()) == 2, "the app works again"


# The last commit of 0.3, the one release that is upgraded from.
RELEASE = "7924e1e"

# A day of work with 0.3, and what people have stored about it.
OLD_WORK = """
import json
from tests.site.world import Sale, build
from frappe import set_user
from crm_pipeline import api
world = build()
sale = Sale(world, set_user)
signed, lost, open_one, lead = sale.opportunity(), sale.opportunity(), sale.opportunity(), sale.lead(phone=None)
sale.contract(source_type=signed.doctype, source_name=signed.name)
sale.quotation(crm_source_type=open_one.doctype, crm_source_name=open_one.name)
api.lose_deal(lost.doctype, lost.name, 'Price')
frappe.set_user('Administrator')
stored = json.dumps([['Sales Opportunity', 'won_by', 'like', '%Contract%']])
for doctype, values in [
 ('List Filter', {'filter_name': 'Won by Contract', 'reference_doctype': 'Sales Opportunity', 'filters': stored}),
 ('Kanban Board', {'kanban_board_name': 'By Stage', 'reference_doctype': 'Sales Opportunity', 'field_name': 'status'}),
]:
    frappe.get_doc({'doctype': doctype, 'name': f'Of 0.3 {doctype}', **values}).db_insert()
print(signed.name, lost.name, open_one.name, lead.name)
"""

KEPT = """
import json
def amounts(doc): return [float(doc.amount), float(doc.ordered_amount), len(doc.items)]
deals = [frappe.get_doc('Sales Opportunity', name) for name in {deals!r}]
print(json.dumps({{
 'deals': [[doc.status, doc.stage, str(doc.closed_on), *amounts(doc)] for doc in deals],
 'won by': [doc.won_by for doc in deals],
 'lead': frappe.db.get_value('Sales Lead', {lead!r}, ['status', 'email_id', 'prospect_name']),
 'events': frappe.get_all('Pipeline Event', filters={{'reference_name': ('in', {deals!r})}}, fields=['kind', 'from_value', 'to_value'],
  order_by='creation asc, name asc', limit=0),
 'modules': frappe.get_all('Module Def', filters={{'app_name': 'crm_pipeline'}}, pluck='name', order_by='name asc'),
 'stored': [frappe.db.exists(d, f'Of 0.3 {{d}}') for d in ('List Filter', 'Kanban Board')],
}}, default=str))
"""


FORGET_PATCHES = "frappe.db.delete('Patch Log', {'patch': ('like', 'crm_pipeline.patches.%')})"

# What 0.4 says in another way.
CHANGED = {"won by": None, "modules": None}


@pytest.mark.timeout(SECONDS)
def test_upgrade_from_0_3_keeps_the_data_and_may_run_again(site, tmp_path):
	old = tmp_path / "old"
	old.mkdir()
	released = subprocess.run(["git", "archive", RELEASE], cwd=ROOT, capture_output=True)
	assert not released.returncode, f"the upgrade starts from commit {RELEASE}: the clone must have it"
	subprocess.run(["tar", "x"], cwd=old, input=released.stdout, check=True)
	with copy_of(site):
		bench("uninstall-app", "crm_pipeline", "--yes", "--no-backup", "--force")
		# Frappe keeps the log of an app's patches when the app goes.
		python(FORGET_PATCHES, source=old)
		bench("install-app", "crm_pipeline", code=old)
		*deals, lead = python(OLD_WORK, source=old).split()
		kept = KEPT.format(deals=deals, lead=lead)
		before = json.loads(python(kept, source=old).splitlines()[-1])
		bench("migrate")
		after = json.loads(python(kept).splitlines()[-1])
		assert [row[0] for row in after["deals"]] == ["Won", "Lost", "Open"]
		assert after["modules"] == ["CRM Customers", "CRM Pipeline", "CRM Prospecting"]
		assert {**after, **CHANGED} == {**before, **CHANGED}
		python(FORGET_PATCHES)
		bench("migrate")
		assert json.loads(python(kept).splitlines()[-1]) == after, "patches that ran already change nothing"
		assert len(python(WORK).split()) == 2
