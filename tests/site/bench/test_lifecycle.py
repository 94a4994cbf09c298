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

OURS = "module in ('CRM Pipeline', 'Prospecting')"

STATE = f"""
import json
def rows(query): return sorted(map(str, frappe.db.sql(query)))
print(json.dumps({{
 'doctypes': rows("select name from tabDocType where {OURS}"),
 'fields': rows("select dt, fieldname, fieldtype, label, insert_after, `unique`, search_index from `tabCustom Field` where module = 'CRM Pipeline'"),
 'setters': rows("select name from `tabProperty Setter` where module = 'CRM Pipeline'"),
 'roles': rows("select name from tabRole where name = 'Order Desk'"),
 'profiles': rows("select name from `tabRole Profile` where name like 'CRM %'"),
 'stages': rows("select name, label, position from `tabPipeline Stage`") if frappe.db.table_exists('Pipeline Stage') else [],
 'columns': rows("select table_name, column_name, column_type from information_schema.columns where table_schema = database() and table_name in {EXTENDED} and column_name like 'crm\\\\_%'"),
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
print(*frappe.get_all('DocType', filters={'module': ('in', ('CRM Pipeline', 'Prospecting'))}, pluck='name', order_by='name'), sep=chr(10))
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


def state():
	return json.loads(python(STATE).splitlines()[-1])


def native():
	return json.loads(python(NATIVE).splitlines()[-1])


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


def test_upgrade_from_the_first_release_keeps_the_data(site, tmp_path):
	tagged = subprocess.run(["git", "archive", "v0.1.0"], cwd=ROOT, capture_output=True)
	if tagged.returncode:
		pytest.skip("the first tagged release is not in this clone")
	old = tmp_path / "old"
	old.mkdir()
	subprocess.run(["tar", "x"], cwd=old, input=tagged.stdout, check=True)
	with copy_of(site):
		bench("uninstall-app", "crm_pipeline", "--yes", "--no-backup", "--force")
		bench("install-app", "crm_pipeline", code=old)
		_order, deal = python(WORK, source=old).split()
		bench("migrate")
		kept = python(
			f"doc = frappe.get_doc('Sales Opportunity', {deal!r}); print(doc.status, int(doc.amount), len(doc.items))"
		)
		assert kept.split() == ["Won", "480", "2"]
		assert len(python(WORK).split()) == 2
