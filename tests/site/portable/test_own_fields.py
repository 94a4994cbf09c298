"""What the app adds to ERPNext's tables, and takes away again: fields, indexes."""

import frappe
import pytest

from crm_pipeline.erp import custom_fields, customer_indexes
from tests.site import rows


def test_fields_are_made_where_their_document_is_and_may_be_brought_up_to_date(site, monkeypatch):
	asked = []
	monkeypatch.setattr(custom_fields, "create_custom_fields", lambda fields, **how: asked.append((fields, how)))
	monkeypatch.setitem(
		custom_fields.CUSTOM_FIELDS, "Not Installed Here", [{"fieldname": "crm_x", "fieldtype": "Data"}]
	)
	custom_fields.create()
	((fields, how),) = asked
	assert fields.keys() == custom_fields.CUSTOM_FIELDS.keys() - {"Not Installed Here"}
	assert how == {"ignore_validate": True, "update": True}
	for doctype, made in fields.items():
		assert [field["fieldname"] for field in made] == [f["fieldname"] for f in custom_fields.CUSTOM_FIELDS[doctype]]
		assert {(f["module"], f["no_copy"], f["print_hide"]) for f in made} == {("CRM Pipeline", 1, 1)}


@pytest.mark.parametrize(("before", "after"), [("Dynamic Link", ("Data", None)), ("Small Text", ("Small Text", "x"))])
def test_a_field_that_was_a_link_becomes_what_it_is_now(site, monkeypatch, before, after):
	monkeypatch.setattr(custom_fields, "create_custom_fields", lambda fields, **how: None)
	about = {"dt": "Sales Order", "fieldname": "crm_source_name"}
	frappe.db.set_value("Custom Field", about, {"fieldtype": before, "options": "x"})
	custom_fields.create()
	assert frappe.db.get_value("Custom Field", about, ["fieldtype", "options"]) == after


def test_a_field_that_still_is_a_link_keeps_what_it_leads_to(site, monkeypatch):
	about = {"dt": "Sales Order", "fieldname": "crm_source_name"}
	frappe.db.set_value("Custom Field", about, {"fieldtype": "Dynamic Link", "options": "crm_source_type"})
	monkeypatch.setattr(
		custom_fields, "CUSTOM_FIELDS", {"Sales Order": [{"fieldname": "crm_source_name", "fieldtype": "Dynamic Link"}]}
	)
	custom_fields._retype()
	assert frappe.db.get_value("Custom Field", about, ["fieldtype", "options"]) == ("Dynamic Link", "crm_source_type")


def test_fields_and_their_columns_go_with_the_app(site, monkeypatch):
	dropped = {}
	monkeypatch.setattr(custom_fields, "_drop_columns", lambda doctype, names: dropped.update({doctype: names}))
	of_others = rows.row("Custom Field", name="Quotation-colour", dt="Quotation", fieldname="colour", docstatus=0)
	ours = {"fieldname": ("like", "crm_%"), "dt": ("in", list(custom_fields.CUSTOM_FIELDS))}
	assert frappe.db.count("Custom Field", ours) >= 30
	custom_fields.remove()
	assert frappe.db.count("Custom Field", ours) == 0 and frappe.db.exists("Custom Field", of_others)
	assert dropped == {
		doctype: [field["fieldname"] for field in fields] for doctype, fields in custom_fields.CUSTOM_FIELDS.items()
	}


def test_only_columns_that_are_there_are_dropped(site, monkeypatch):
	done = []
	monkeypatch.setattr(frappe.db, "sql_ddl", done.append)
	custom_fields._drop_columns("Sales Order", ["crm_source_name", "crm_never_made", "crm_request_key"])
	assert done == [f"ALTER TABLE `tabSales Order` DROP COLUMN `{name}`" for name in ("crm_source_name", "crm_request_key")]  # fmt: skip


def test_indexes_are_made_for_columns_that_are_there(site, monkeypatch):
	made = []
	monkeypatch.setattr(frappe.db, "add_index", lambda doctype, fields, name: made.append((doctype, fields, name)))
	of_orders = {**customer_indexes.INDEXES["Sales Order"], "crm_never": ("customer", "colour_that_is_not_there")}
	monkeypatch.setitem(customer_indexes.INDEXES, "Sales Order", of_orders)
	customer_indexes.make()
	assert ("Sales Order", ["customer", "per_billed"], "crm_customer_billed") in made
	assert ("Pipeline Event", ["customer", "kind", "at"], "crm_customer_kind") in made
	assert not [name for _doctype, _fields, name in made if name == "crm_never"]
	assert len(made) == sum(len(indexes) for indexes in customer_indexes.INDEXES.values()) - 1
