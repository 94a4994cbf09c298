"""Facts that 0.3 kept in words become columns, whatever happens to the upgrade; and names follow where they are renamed."""

import frappe
import pytest
from frappe.model.dynamic_links import _dynamic_link_map_key, fetch_distinct_link_doctypes

from crm_pipeline import api
from crm_pipeline.core.kinds import CHANNEL
from crm_pipeline.patches.v0_4 import adopt_kinds, follow_saved_views
from tests.site.portable.test_old_facts import quotation_events, short_pages  # noqa: F401


def test_a_renamed_quotation_keeps_its_history(sale):
	deal = sale.opportunity()
	key = _dynamic_link_map_key("Pipeline Event", "related_doctype")
	frappe.cache.set_value(key, ["Sales Lead"])
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.submit()
	before = quotation_events(deal)
	# The framework asks for hours no more which types a row names: the first event about a quotation has to tell it.
	assert "Quotation" in fetch_distinct_link_doctypes("Pipeline Event", "related_doctype")
	frappe.rename_doc("Quotation", quotation.name, f"{quotation.name} B", force=True)
	assert [row[1:] for row in quotation_events(deal)] == [row[1:] for row in before]
	sale.cancel(frappe.get_doc("Quotation", f"{quotation.name} B"))
	assert quotation_events(deal)[-1] == (f"{quotation.name} B", before[-1][2], "Cancelled")


# ---- channels and activity types


def test_values_and_options_of_a_site_become_records_and_nothing_is_lost(sale, world):
	lead, other = sale.lead(channel="Hotline"), sale.lead()
	own, odd = f"Podcast {world.tag}", f" <Fair> {world.tag}"
	frappe.db.set_value("Sales Lead", lead.name, "channel", own)
	frappe.db.set_value("Sales Lead", other.name, "channel", odd)
	offered = f"\nHotline\nRadio {world.tag}\n{own}"
	frappe.get_doc(
		{
			"doctype": "Property Setter", "doctype_or_field": "DocField", "doc_type": "Sales Lead", "field_name": "channel",
			"property": "options", "property_type": "Text", "value": offered,
		}
	).db_insert()  # fmt: skip
	for _time in range(2):
		adopt_kinds.execute()
		frappe.clear_cache(doctype="Sales Lead")
		assert frappe.get_meta("Sales Lead").get_field("channel").options == CHANNEL
		assert frappe.db.exists(CHANNEL, own) and frappe.db.exists(CHANNEL, f"Radio {world.tag}")
		assert frappe.db.get_value("Sales Lead", lead.name, "channel") == own
		assert frappe.db.get_value("Sales Lead", other.name, "channel") == f"Fair {world.tag}"
	for name in (lead.name, other.name):
		frappe.get_doc("Sales Lead", name).save()


# ---- what somebody saved


def test_saved_filters_and_what_a_user_had_last_follow_and_code_is_named():
	deal = "Sales Opportunity"
	old, new = [[deal, "won_by", "like", "Sales Contract%"]], [[deal, "won_by_type", "=", "Sales Contract"]]
	saved = frappe.get_doc(
		{
			"doctype": "List Filter",
			"filter_name": "By contract",
			"reference_doctype": deal,
			"filters": frappe.as_json(old),
		}
	).insert()
	frappe.db.delete("__UserSettings", {"user": "Guest", "doctype": deal})
	last = frappe.as_json({"List": {"filters": old}})
	frappe.db.sql("insert into `__UserSettings` (user, doctype, data) values ('Guest', %s, %s)", (deal, last))
	script = {
		"script_type": "DocType Event",
		"reference_doctype": deal,
		"doctype_event": "After Save",
		"script": "doc.won_by",
	}
	frappe.get_doc({"doctype": "Server Script", "name": "Tells who won", "disabled": 1, **script}).db_insert()
	for _time in range(2):
		follow_saved_views.execute()
		assert frappe.parse_json(frappe.db.get_value("List Filter", saved.name, "filters")) == new
		data = frappe.db.sql("select data from `__UserSettings` where user = 'Guest' and doctype = %s", deal)[0][0]
		assert frappe.parse_json(data) == {"List": {"filters": new}}
	log = frappe.get_last_doc("Error Log", {"method": ("like", "%0.4%")})
	assert "Server Script Tells who won: won_by" in log.error


REQUEST, ROW = "Sales Order Request", "Sales Contract Item"
BY_CONTRACT = [["Sales Opportunity", "won_by", "like", "Sales Contract%"]]
WITH_TYPE = [["Sales Opportunity", "won_by_type", "=", "Sales Contract"]]
# (DocType, field with JSON, other values, what it held, what it holds then).
STORED = [
	("Workspace Shortcut", "stats_filter", {"link_to": "Sales Opportunity", "type": "DocType"}, BY_CONTRACT, WITH_TYPE),
	("Workspace Quick List", "quick_list_filter", {"document_type": "Sales Opportunity"}, BY_CONTRACT, WITH_TYPE),
	("Number Card", "dynamic_filters_json", {"document_type": "Sales Opportunity"}, BY_CONTRACT, WITH_TYPE),
	(
		"List View Settings",
		"fields",
		{"name": REQUEST},
		[{"fieldname": "name", "label": "ID"}, {"fieldname": "conversion_key", "label": "Conversion Key"}],
		[{"fieldname": "name", "label": "ID"}],
	),
	("Kanban Board", "fields", {"reference_doctype": REQUEST}, ["customer", "conversion_key"], ["customer"]),
	(
		"Print Format",
		"format_data",
		{"doc_type": "Sales Contract"},
		[{"fieldname": "items", "visible_columns": [{"fieldname": "item_code"}, {"fieldname": "requested_qty"}]}],
		[{"fieldname": "items", "visible_columns": [{"fieldname": "item_code"}]}],
	),
]


@pytest.mark.parametrize(
	("doctype", "field", "values", "old", "new"), STORED, ids=[f"{row[0]} {row[1]}" for row in STORED]
)
def test_whatever_else_holds_filters_or_columns_follows(world, doctype, field, values, old, new):
	name = values.get("name") or f"Old {world.tag}"
	frappe.db.delete(doctype, {"name": name})
	frappe.get_doc({"doctype": doctype, "name": name, field: frappe.as_json(old), **values}).db_insert()
	for _time in range(2):
		follow_saved_views.execute()
		assert frappe.parse_json(frappe.db.get_value(doctype, name, field)) == new


def test_a_mailed_report_follows_the_filters_that_it_has_of_its_own(world):
	report = {"doctype": "Report", "name": f"Won {world.tag}", "ref_doctype": "Sales Opportunity"}
	frappe.get_doc({**report, "report_type": "Report Builder", "is_standard": "No"}).db_insert()
	mail = {"doctype": "Auto Email Report", "name": f"Mailed {world.tag}", "report": report["name"]}
	by_contract = {"won_by": ["like", "Sales Contract%"], "channel": "Referral"}
	frappe.get_doc({**mail, "filters": frappe.as_json(by_contract)}).db_insert()
	for _time in range(2):
		follow_saved_views.execute()
		found = frappe.parse_json(frappe.db.get_value("Auto Email Report", mail["name"], "filters"))
		assert found == {"channel": "Referral", "won_by_type": ["=", "Sales Contract"]}


@pytest.mark.parametrize(
	("kind", "old", "new"),
	[
		("search_fields", "customer, conversion_key,po_no", "customer, po_no"),
		("search_fields", "conversion_key", None),
		("sort_field", "conversion_key", None),
		("title_field", "conversion_key", None),
		("search_fields", "customer, po_no", "customer, po_no"),
	],
)
def test_a_list_that_was_searched_or_sorted_by_a_field_that_is_gone_works_again(world, kind, old, new):
	setter = {"doctype": "Property Setter", "name": f"Old {world.tag}", "doc_type": REQUEST, "property": kind}
	frappe.get_doc({**setter, "doctype_or_field": "DocType", "value": old}).db_insert()
	follow_saved_views.execute()
	assert frappe.db.get_value("Property Setter", setter["name"], "value") == new
	assert frappe.get_list(REQUEST, order_by="name asc", limit=1) is not None


def test_a_web_form_and_a_naming_rule_forget_a_field_that_is_gone_and_keep_the_others(world):
	rows = []
	for doctype, parenttype, about, column in (
		("Web Form Field", "Web Form", "doc_type", "fieldname"),
		("Document Naming Rule Condition", "Document Naming Rule", "document_type", "field"),
	):
		for of, field in ((REQUEST, "conversion_key"), (REQUEST, "customer"), ("Sales Lead", "conversion_key")):
			parent = f"{parenttype} {of} {world.tag}"
			if not frappe.db.exists(parenttype, parent):
				frappe.get_doc({"doctype": parenttype, "name": parent, about: of}).db_insert()
			name = f"{field} {of} {parenttype[:3]} {world.tag}"
			frappe.get_doc(
				{"doctype": doctype, "name": name, "parent": parent, "parenttype": parenttype, column: field}
			).db_insert()
			rows.append((doctype, name, (of, field) == (REQUEST, "conversion_key")))
	follow_saved_views.execute()
	assert [bool(frappe.db.exists(doctype, name)) for doctype, name, _gone in rows] == [
		not gone for *_row, gone in rows
	]


@pytest.mark.parametrize(
	("doctype", "values"),
	[
		("Notification", {"message": "{{ doc.won_by }} won it"}),
		("Notification", {"value_changed": "won_by"}),
		("Assignment Rule", {"close_condition": "won_by"}),
		("Custom Field", {"dt": "Sales Order", "fetch_from": "crm_opportunity.won_by"}),
		("Custom Field", {"dt": "Sales Opportunity", "depends_on": "eval:doc.won_by.startsWith('Sales Contract')"}),
		("Print Format", {"html": "{{ doc.won_by }}", "module": "CRM Pipeline", "standard": "No"}),
		("Report", {"report_script": "data = frappe.get_all('Sales Opportunity', fields=['won_by'])"}),
		("Dashboard Chart", {"group_by_based_on": "won_by"}),
		("Email Template", {"response": "{{ won_by }}"}),
		("Workflow Transition", {"parent": "Deals", "condition": "doc.won_by"}),
	],
)
def test_what_only_its_author_can_rewrite_is_named(world, doctype, values):
	name = f"Says who won {world.tag}"
	frappe.get_doc({"doctype": doctype, "name": name, **values}).db_insert()
	follow_saved_views.name_code()
	log = frappe.get_last_doc("Error Log", {"method": ("like", "%0.4%")})
	assert f"{doctype} {values.get('parent') or name}: won_by" in log.error


def test_a_site_that_names_none_of_the_fields_is_told_nothing():
	frappe.db.delete("Error Log", {"method": ("like", "%0.4%")})
	follow_saved_views.execute()
	assert not frappe.db.exists("Error Log", {"method": ("like", "%0.4%")})


def test_what_a_web_form_alone_offers_becomes_a_record(world):
	form = {"doctype": "Web Form", "name": f"Ask us {world.tag}", "doc_type": "Sales Lead"}
	frappe.get_doc(form).db_insert()
	row = {"doctype": "Web Form Field", "name": world.tag, "parent": form["name"], "parenttype": "Web Form"}
	offered = {"fieldname": "channel", "fieldtype": "Select", "options": f"\nFair {world.tag}\nWeb Form"}
	frappe.get_doc({**row, **offered}).db_insert()
	adopt_kinds.execute()
	assert frappe.db.exists(CHANNEL, f"Fair {world.tag}")
