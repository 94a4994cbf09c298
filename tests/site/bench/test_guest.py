"""The app is a guest: installed on a site in use it changes nothing of the host but what the admin guide lists."""

import json

import pytest

from tests.site.bench.scratch import bench, copy_of, python

# Everything that an admin of the host would notice, read straight from the tables; what is ours is left out.
HOST = """
import json
from frappe.core.doctype.navbar_settings.navbar_settings import get_app_logo
from frappe.website.utils import get_home_page
from crm_pipeline import first_texts
FIRST = (*first_texts.EMAIL_TEMPLATES, *first_texts.CLAUSES)
OURS = ('CRM Pipeline', 'CRM Prospecting', 'CRM Customers')
of_ours = set(frappe.get_all('DocType', filters={'module': ('in', OURS)}, pluck='name', order_by='name asc'))
def rows(doctype, fields, skip=lambda row: False):
    if not frappe.db.table_exists(doctype):
        return []
    known = [f for f in fields if f == 'name' or frappe.db.has_column(doctype, f)]
    found = frappe.db.get_values(doctype, {}, known, order_by='name asc', as_dict=True)
    return sorted(json.dumps(r, default=str, sort_keys=True) for r in found if not skip(r))
ours = lambda *keys: lambda row: any(row.get(k) in of_ours or row.get(k) in OURS for k in keys)
state = {
 'singles': sorted(
   [d, f, v] for d, f, v in frappe.db.sql('select doctype, field, value from tabSingles')
   if d not in of_ours and f not in ('modified', 'modified_by', 'creation', 'scheduler_last_event', 'installed_apps')
   and d not in ('Installed Applications', 'DocType Settings')),
 'workspaces': rows('Workspace', ['name', 'title', 'label', 'sequence_id', 'is_hidden', 'public', 'parent_page', 'content', 'module'], ours('module')),
 'roles': rows('Role', ['name', 'desk_access', 'disabled', 'home_page', 'search_bar', 'notifications'], lambda r: r.name == 'Order Desk'),
 'permissions': rows('DocPerm', ['parent', 'role', 'permlevel', 'read', 'write', 'create', 'delete', 'submit', 'cancel', 'if_owner'], ours('parent')),
 'custom permissions': rows('Custom DocPerm', ['parent', 'role', 'permlevel', 'read', 'write', 'create', 'delete', 'submit'], ours('parent')),
 'property setters': rows('Property Setter', ['doc_type', 'field_name', 'property', 'value'], ours('doc_type')),
 'custom fields': rows('Custom Field', ['dt', 'fieldname', 'fieldtype'], lambda r: r.dt in of_ours or r.fieldname.startswith('crm_')),
 'role profiles': rows('Role Profile', ['name'], lambda r: r.name.startswith('CRM ')),
 'user roles': rows('Has Role', ['parent', 'parenttype', 'role'], lambda r: r.role == 'Order Desk' or r.parent.startswith('CRM ') or r.parent in of_ours or r.parenttype in ('Report', 'Page') or (r.parenttype == 'Workspace' and frappe.db.get_value('Workspace', r.parent, 'module') in OURS)),
 'blocked modules': rows('Block Module', ['parent', 'module']),
 'module profiles': rows('Module Profile', ['name']),
 'defaults': sorted(map(list, frappe.db.sql("select parent, defkey, defvalue from tabDefaultValue where defkey != 'installed_apps'"))),
 'navbar': rows('Navbar Item', ['item_label', 'item_type', 'route', 'action', 'hidden', 'idx']),
 'searched': [d for d in frappe.get_all('Global Search DocType', pluck='document_type', order_by='idx asc') if d not in of_ours],
 'mails': rows('Email Template', ['name'], lambda r: r.name in FIRST),
 'terms': rows('Terms and Conditions', ['name'], lambda r: r.name in FIRST),
 'portal': rows('Portal Menu Item', ['title', 'route', 'enabled', 'idx'], ours('reference_doctype')),
 'notification settings': rows('Notification Settings', ['name', 'enabled', 'enable_email_notifications']),
 'notifications': rows('Notification', ['name', 'enabled', 'document_type'], ours('document_type', 'module')),
 'print formats': rows('Print Format', ['name', 'doc_type', 'disabled', 'module'], ours('doc_type', 'module')),
 'client scripts': rows('Client Script', ['name', 'enabled', 'dt']),
 'forms': {d: sorted(f.fieldname for f in frappe.get_meta(d).fields if not f.fieldname.startswith('crm_'))
           for d in ('Quotation', 'Sales Order', 'Sales Invoice', 'Delivery Note', 'Payment Entry', 'Customer', 'Item', 'Lead', 'Opportunity')},
 'mandatory': {d: sorted(f.fieldname for f in frappe.get_meta(d).fields if f.reqd)
           for d in ('Quotation', 'Sales Order', 'Sales Invoice', 'Delivery Note', 'Payment Entry', 'Customer', 'Item')},
 'connections': {d: [(g.get('label'), item) for g in frappe.get_meta(d).get_dashboard_data().transactions for item in g['items'] if item not in of_ours]
           for d in ('Quotation', 'Sales Order', 'Customer', 'Sales Invoice', 'Item')},
 'records': {d: frappe.db.count(d) for d in ('User', 'Contact', 'Customer', 'ToDo', 'Task', 'Project', 'Notification Log', 'Email Queue', 'Comment', 'Event', 'Sales Person')},
 'logo': get_app_logo(),
 'home': get_home_page(),
}
print('STATE' + json.dumps(state, default=str))
"""


def state_of(site: str) -> dict:
	return json.loads(python(HOST, site).partition("STATE")[2])


def differences(before: dict, after: dict) -> dict:
	"""What is new and what is gone, by kind."""
	found = {}
	for key in before:
		if before[key] == after[key]:
			continue
		old, new = (
			[json.dumps(each) for each in (value.items() if isinstance(value, dict) else value)]
			for value in (before[key], after[key])
		)
		found[key] = {
			"new": [each for each in new if each not in old],
			"gone": [each for each in old if each not in new],
		}
	return found


@pytest.fixture(scope="module")
def host():
	"""States of a site in use before the app, with it, and after it."""
	import os

	with copy_of(os.environ["CRM_SITE"]) as site:
		bench("uninstall-app", "crm_pipeline", "--yes", "--no-backup", "--force", site=site)
		# A company with a way of its own.
		python(
			"frappe.db.set_single_value('Navbar Settings', 'app_logo', '')\n"
			"frappe.db.set_single_value('Website Settings', 'home_page', '')\n"
			"frappe.db.set_value('Workspace', 'Selling', 'sequence_id', 2.5)\n",
			site,
		)
		before = state_of(site)
		bench("install-app", "crm_pipeline", site=site)
		during = state_of(site)
		bench("uninstall-app", "crm_pipeline", "--yes", "--no-backup", "--force", site=site)
		yield before, during, state_of(site)


def test_installing_changes_nothing_of_the_host(host):
	before, during, _after = host
	assert differences(before, during) == {}


def test_the_logo_is_erpnext_s(host):
	assert "erpnext" in host[1]["logo"]


def test_uninstalling_leaves_the_host_as_it_was(host):
	before, _during, after = host
	assert differences(before, after) == {}
