"""Read-only and hidden fields: who writes each of them. None is left to what a client sends."""

import re

import pytest

from crm_pipeline.chain.system_fields import SYSTEM_FIELDS
from crm_pipeline.core.registry import CHAIN
from tests.contract.source import APP, doctypes

# Set anew from other fields on each save, or by the framework: what is sent for them is overwritten.
COMPUTED = {
	"Contact Position": "title contact_name customer_name",
	"Sales Handover": "title",
	"Customer Discussion": "list_order words",
	"Promise to Pay": "title customer customer_name company",
	"Cost Estimate": "title party_name customer prospect company currency conversion_rate selling_amount item_cost other_cost cost_amount margin margin_percentage",
	"Cost Estimate Item": "stock_uom stock_qty selling_amount cost_basis cost_amount margin margin_percentage",
	"Customer Case": "party_name",
	"Customer Case Entry": "at by kind text minutes from_user to_user to_department",
	"Sales Activity Person": "contact_name colleague_name",
	"Sales Contract": "party_name customer_name language total_qty total base_total amount base_amount",
	"Sales Contract Item": "stock_uom stock_qty amount base_amount origin_item quotation quotation_item",
	"Sales Deal Check": "stage text done_by done_on gate",
	"Sales Deal Item": "stock_uom stock_qty amount base_amount",
	"Sales Help Request": "status",
	"Sales Deal Contact": "match_phone",
	"Sales Lead": "party_name status base_amount items_total match_phone match_mobile qualification_points",
	"Lead Answer": "question points",
	"Sales Memo": "customer prospect company",
	"Sales Opportunity": "party_name base_amount items_total",
	"Sales Order Request": "party_name customer_name language total_qty total base_total amount base_amount",
	"Sales Order Request Item": "stock_uom stock_qty amount base_amount contract_item quotation quotation_item",
	"Sales Project": "party_name base_amount items_total",
	"Sales Project Member": "full_name",
	"Sales Prospect": "match_name match_tax_id match_email match_domain match_phone match_mobile",
}

# Entered by people where no form shows it: checked like any other field.
ENTERED = {
	"*": "naming_series amended_from ignore_pricing_rule",
	"Sales Contract": "prospect",
	# Written by the filters of the form, and checked as what a person enters.
	"Sales Segment": "filters",
	"Sales Lead": "conversion_rate lost_reason lost_detail answers form_check",
	"Sales Order Request": "prospect",
}

# Nobody may create these through a client: they have no such permission.
WRITTEN_BY_THE_APP_ALONE = [
	name
	for name, doctype in doctypes().items()
	if not any(p.get("create") for p in doctype.get("permissions") or []) and not doctype.get("istable")
]


@pytest.mark.parametrize("name", sorted(doctypes()))
def test_every_field_that_no_form_takes_is_written_by_somebody_known(name):
	if name in WRITTEN_BY_THE_APP_ALONE:
		return
	known = {*SYSTEM_FIELDS.get(name, ())}
	for table in (COMPUTED, ENTERED):
		known |= {*table.get(name, "").split(), *table.get("*", "").split()}
	layout = ("Section Break", "Column Break", "Tab Break", "HTML", "Button")
	fields = doctypes()[name]["fields"]
	closed = [
		df["fieldname"] for df in fields if (df.get("read_only") or df.get("hidden")) and df["fieldtype"] not in layout
	]
	assert [field for field in closed if field not in known] == []


def test_the_table_names_fields_that_there_are():
	there = {name: {df["fieldname"] for df in doctype["fields"]} for name, doctype in doctypes().items()}
	assert {
		name: set(fields) - there[name] for name, fields in SYSTEM_FIELDS.items() if set(fields) - there[name]
	} == {}


@pytest.mark.parametrize(
	"name",
	sorted(
		set(SYSTEM_FIELDS)
		- {"Sales Contract Item", "Sales Handover Item", "Sales Project Milestone", "Lead Assignment Member"}
	),
)
def test_every_document_with_system_fields_takes_in_what_was_sent(name):
	scrubbed = name.lower().replace(" ", "_")
	path = next(APP.glob(f"*/doctype/{scrubbed}/{scrubbed}.py"))
	text = path.read_text(encoding="utf-8")
	assert re.search(
		r"def validate\(self\):\n\t\t(self\.take_in\(\)|incoming\.take_in\(self\)\n\t\tsystem_fields\.restore\(self\)|help_wanted\.follow|customer_cases\.follow)",
		text,
	)
	if doctypes()[name].get("is_submittable"):
		assert "def before_cancel" in text
		assert text.count("take_in()") + text.count("system_fields.restore(self)") >= 2


def test_titles_of_documents_are_told_by_no_link():
	"""Frappe tells the title of such a DocType to any logged-in user who asks by name."""
	assert [name for name, doctype in doctypes().items() if doctype.get("show_title_field_in_link")] == [
		"Pipeline Stage"
	]


def test_a_link_shows_what_names_a_document_for_a_reader():
	assert {row.name: row.title_field for row in CHAIN if not row.native} == {
		row.name: doctypes()[row.name]["title_field"] for row in CHAIN if not row.native
	}
