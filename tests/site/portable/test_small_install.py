"""What comes with the app, once: its place in the global search, settings of an update, roles and blocks of numbers."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import install
from crm_pipeline.chain import clean_html

OURS = [{"doctype": "Sales Lead", "index": 1}, {"doctype": "Sales Opportunity", "index": 2}]


@pytest.mark.parametrize(
	("listed", "expected"),
	[
		(["Customer", "Lead"], ["Customer", "Sales Lead", "Sales Opportunity", "Lead"]),
		(["Customer", "Sales Opportunity"], ["Customer", "Sales Lead", "Sales Opportunity"]),
		(["Sales Opportunity", "Sales Lead", "Customer"], None),
		([], None),
	],
)
def test_our_documents_are_searched_beside_those_that_an_admin_listed(monkeypatch, listed, expected):
	saved = []
	settings = SimpleNamespace(allowed_in_global_search=[frappe._dict(document_type=name) for name in listed])
	settings.extend = lambda table, rows: settings.allowed_in_global_search.extend(map(frappe._dict, rows))
	settings.save = lambda **how: saved.append([row.document_type for row in settings.allowed_in_global_search])
	monkeypatch.setattr(frappe.db, "exists", lambda *about: True)
	monkeypatch.setattr(frappe, "get_doc", lambda *about: settings)
	monkeypatch.setattr(frappe, "get_hooks", lambda *about, **how: {"Default": OURS}, raising=False)
	install.add_to_global_search()
	assert saved == ([expected] if expected else [])


def test_settings_that_came_with_an_update_begin_with_their_defaults_and_others_stay(monkeypatch):
	fields = (("known", "1"), ("new", "7"), ("without", None))
	meta = SimpleNamespace(fields=[SimpleNamespace(fieldname=name, default=default) for name, default in fields])
	stored, written = {"known": "0"}, []
	monkeypatch.setattr(frappe, "get_meta", lambda doctype: meta)
	monkeypatch.setattr(frappe.db, "get_singles_dict", lambda doctype: stored, raising=False)
	monkeypatch.setattr(frappe.db, "set_single_value", lambda *about: written.append(about))
	install.fill_new_settings()
	assert written == [("CRM Pipeline Settings", "new", "7")]


def test_each_workspace_has_its_block_of_numbers_and_an_own_one_stays(monkeypatch):
	made, there = [], {("DocType", "Custom HTML Block"), ("Custom HTML Block", "CRM Team Sales")}
	monkeypatch.setattr(frappe.db, "exists", lambda *about: about in there)
	new = lambda values: SimpleNamespace(insert=lambda set_name, **how: made.append((set_name, values["script"])))  # noqa: E731
	monkeypatch.setattr(frappe, "get_doc", new)
	install.make_workspace_blocks()
	assert [name for name, _script in made] == ["CRM Pipeline", "CRM My Sales", "CRM Order Desk", "CRM Sales Finance"]
	shown = [script.split('show_numbers(root_element, "')[1].split('"')[0] for _name, script in made]
	assert shown == ["", "rep", "order_desk", "finance"]


@pytest.mark.parametrize(
	("profile", "roles"),
	[
		("CRM Market Function", {"Sales User"}),
		("CRM Sales Function", {"Sales User", "Sales Manager"}),
		("CRM Order Desk", {"Sales User", "Order Desk"}),
		("CRM Whole Sale", {"Sales User", "Sales Manager", "Order Desk"}),
	],
)
def test_a_function_has_the_roles_that_its_work_needs(profile, roles):
	assert set(install.ROLE_PROFILES[profile]) == roles


def test_a_script_runs_neither_in_a_document_nor_in_its_rows(monkeypatch):
	monkeypatch.setattr(clean_html, "cleaned", lambda text: "clean")

	def part(value, fieldtype="Data", **more):
		fields = [SimpleNamespace(fieldname="text", fieldtype=fieldtype)]
		values = {"text": value}
		return SimpleNamespace(meta=SimpleNamespace(fields=fields), get=values.get, set=values.__setitem__, values=values, **more)  # fmt: skip

	found = [part(*one) for one in (("<img onerror=x>",), ("5 < 6",), ("<b>", "Int"), ("<b>", "Text Editor"), (None,))]
	doc = part("<a>", get_all_children=lambda: found)
	clean_html.clean(doc)
	texts = [one.values["text"] for one in (doc, *found)]
	assert texts == ["clean", "clean", "5 < 6", "<b>", "clean", None]
