import ast
import json
import re

import pytest

from crm_pipeline.core import kinds
from tests.contract.source import APP, doctype_files, doctypes, relative, tree

# Native DocTypes that ours link to; each of them is there in ERPNext 15 and 16.
NATIVE = frozenset(
	(
		"Activity Type", "Address", "Bank Account", "Brand", "Company", "Contact", "Cost Center", "Country", "Currency", "Customer",
		"Customer Group", "Department", "DocType", "Email Template", "Employee", "File", "Holiday List", "Incoterm", "Industry Type",
		"Item", "Item Group", "Item Tax Template", "Language", "Letter Head", "Payment Schedule", "Payment Term",
		"Payment Terms Template", "Price List", "Print Format", "Print Heading", "Project", "Quotation", "Role",
		"Sales Invoice", "Sales Order", "Sales Person", "Sales Taxes and Charges Template", "Sales Team",
		"Shipping Rule", "Task", "Tax Category", "Terms and Conditions", "Territory", "UOM", "User", "Warehouse",
	)
)  # fmt: skip

# ERPNext's CRM and Support modules are leaving.
LEAVING = frozenset(
	(
		"Lead", "Opportunity", "Prospect", "Contract", "Campaign", "Lead Source", "Sales Stage", "Competitor",
		"Market Segment", "Issue", "UTM Source", "UTM Campaign",
	)
)  # fmt: skip

LAYOUT = frozenset(("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold"))
DOCTYPES = doctypes()
FILES = {json.loads(p.read_text(encoding="utf-8"))["name"]: p for p in doctype_files()}
TABLES = ("Table", "Table MultiSelect")

each_doctype = pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=lambda d: d["name"])


def fieldnames(doctype: dict) -> list[str]:
	return [f["fieldname"] for f in doctype["fields"]]


@each_doctype
def test_fieldnames_are_unique_and_ordered_once(doctype):
	names = fieldnames(doctype)
	assert len(names) == len(set(names))
	assert sorted(doctype["field_order"]) == sorted(names)


def test_channels_and_activity_types_are_records_wherever_they_are_chosen():
	linked = {
		(field["fieldname"], field["fieldtype"], field.get("options"))
		for doctype in DOCTYPES.values()
		for field in doctype["fields"]
		if field["fieldname"] in ("channel", "way")
	}
	assert linked == {("channel", "Link", kinds.CHANNEL), ("way", "Link", kinds.ACTIVITY_TYPE)}
	assert all(
		"default" not in f for d in DOCTYPES.values() for f in d["fields"] if f["fieldname"] in ("channel", "way")
	)


def test_a_person_has_the_same_roles_at_a_customer_on_a_deal_and_in_a_gate():
	from crm_pipeline.core import relations

	where = (("Contact Position", "role"), ("Sales Deal Contact", "role"), ("Pipeline Stage Gate", "contact_role"))
	found = [next(f for f in DOCTYPES[name]["fields"] if f["fieldname"] == field)["options"] for name, field in where]
	assert set(found[0].split("\n")) == {"", *relations.ROLES} and len(set(found)) == 1
	rows = [next(f for f in DOCTYPES[name]["fields"] if f["fieldname"] == "influence") for name, _f in where[:2]]
	assert rows[0]["options"] == rows[1]["options"] and set(rows[0]["options"].split()) == set(relations.INFLUENCE)


def test_standard_kinds_have_keys_that_their_doctypes_can_hold():
	for doctype, named in kinds.NAME_FIELDS.items():
		fields = {field["fieldname"]: field for field in DOCTYPES[doctype]["fields"]}
		assert DOCTYPES[doctype]["autoname"] == f"field:{named}" and fields["standard_key"]["unique"]
	assert {kinds.PHONE, *kinds.TOGETHER} <= set(kinds.STANDARD[kinds.ACTIVITY_TYPE])


@each_doctype
def test_links_lead_to_doctypes_that_stay(doctype):
	wrong = [
		f"{f['fieldname']} -> {f.get('options')}"
		for f in doctype["fields"]
		if f["fieldtype"] in ("Link", *TABLES)
		and (f.get("options") in LEAVING or f.get("options") not in NATIVE | DOCTYPES.keys())
	]
	assert wrong == []


def test_nothing_that_leaves_is_among_what_we_build_on():
	assert not LEAVING & (NATIVE | DOCTYPES.keys())


@each_doctype
def test_tables_hold_child_doctypes_and_links_never_do(doctype):
	children = {name for name, other in DOCTYPES.items() if other.get("istable")} | {
		"Payment Schedule",
		"Sales Team",
	}
	for field in doctype["fields"]:
		if field["fieldtype"] == "Table":
			assert field["options"] in children, field["fieldname"]
		elif field["fieldtype"] == "Link":
			assert field["options"] not in children, field["fieldname"]


@each_doctype
def test_dynamic_links_and_fetched_fields_name_fields_of_their_own_doctype(doctype):
	names = set(fieldnames(doctype))
	for field in doctype["fields"]:
		if field["fieldtype"] == "Dynamic Link":
			assert field["options"] in names, field["fieldname"]
		if field.get("fetch_from"):
			assert field["fetch_from"].split(".")[0] in names, field["fieldname"]


@each_doctype
def test_the_order_of_lists_is_said(doctype):
	columns = {*fieldnames(doctype), "modified", "creation", "name", "idx"}
	assert doctype.get("sort_field") in columns
	assert doctype.get("sort_order") in ("ASC", "DESC")


@each_doctype
def test_title_and_search_fields_exist(doctype):
	columns = {*fieldnames(doctype), "name"}
	searched = [part.strip() for part in (doctype.get("search_fields") or "").split(",") if part.strip()]
	assert {doctype.get("title_field") or "name", *searched} <= columns


@each_doctype
def test_a_submittable_doctype_can_be_amended(doctype):
	amended = next((f for f in doctype["fields"] if f["fieldname"] == "amended_from"), None)
	if doctype.get("is_submittable"):
		assert amended and (amended["fieldtype"], amended["options"]) == ("Link", doctype["name"])
		assert amended.get("no_copy") and amended.get("read_only")
	else:
		assert amended is None


@each_doctype
def test_a_naming_series_has_its_field_and_a_default_choice(doctype):
	series = next((f for f in doctype["fields"] if f["fieldname"] == "naming_series"), None)
	assert (doctype.get("autoname") == "naming_series:") == bool(series)
	assert series is None or series.get("options")


@each_doctype
def test_a_field_that_names_the_document_exists(doctype):
	autoname = doctype.get("autoname") or ""
	assert not autoname.startswith("field:") or autoname.removeprefix("field:") in fieldnames(doctype)


@each_doctype
def test_fields_that_people_see_are_labelled(doctype):
	bare = [
		f["fieldname"]
		for f in doctype["fields"]
		if f["fieldtype"] not in LAYOUT and not f.get("hidden") and not f.get("label")
	]
	assert bare == []


@each_doctype
def test_a_select_has_choices_and_its_default_is_one_of_them(doctype):
	for field in doctype["fields"]:
		if field["fieldtype"] == "Select" and field["fieldname"] != "naming_series":
			choices = (field.get("options") or "").split("\n")
			assert any(choices), field["fieldname"]
			assert field.get("default") in (None, *choices), field["fieldname"]


@each_doctype
def test_connections_name_real_links(doctype):
	for link in doctype.get("links") or []:
		other = DOCTYPES.get(link["link_doctype"])
		if other:
			assert link["link_fieldname"] in fieldnames(other), link
		else:
			assert link["link_doctype"] in NATIVE, link


@each_doctype
def test_permissions_stand_on_the_parent_and_the_administrator_is_not_left_out(doctype):
	roles = [p["role"] for p in doctype.get("permissions") or []]
	if doctype.get("istable"):
		assert roles == []
	else:
		assert "System Manager" in roles
		assert len(roles) == len(set(roles))


@each_doctype
def test_rights_to_submit_and_cancel_are_given_only_where_there_is_something_to_submit(doctype):
	for row in doctype.get("permissions") or []:
		assert doctype.get("is_submittable") or not {"submit", "cancel", "amend"} & row.keys()
		assert row.get("read"), row["role"]


@each_doctype
def test_the_file_stands_in_the_folder_of_its_module(doctype):
	folder = doctype["module"].lower().replace(" ", "_")
	stem = doctype["name"].lower().replace(" ", "_")
	assert FILES[doctype["name"]] == APP / folder / "doctype" / stem / f"{stem}.json"


@each_doctype
def test_the_controller_has_its_class(doctype):
	path = FILES[doctype["name"]].with_suffix(".py")
	classes = [n.name for n in tree(path).body if isinstance(n, ast.ClassDef)]
	assert doctype["name"].replace(" ", "") in classes, relative(path)
	assert (path.parent / "__init__.py").exists()


@each_doctype
def test_a_controller_stays_small(doctype):
	text = FILES[doctype["name"]].with_suffix(".py").read_text(encoding="utf-8")
	without_types = re.sub(r"(?s)\t# begin: auto-generated types.*# end: auto-generated types\n\n", "", text)
	assert len(without_types.splitlines()) <= 150


@each_doctype
def test_the_file_is_written_as_frappe_writes_it(doctype):
	text = FILES[doctype["name"]].read_text(encoding="utf-8").rstrip("\n")
	assert text == json.dumps(doctype, indent=1, sort_keys=True)


def test_no_doctype_is_named_like_a_native_one():
	assert not DOCTYPES.keys() & (NATIVE | LEAVING)


# Settings, words and parties that all companies share, and the app's own work: what is pending is forgotten when it is done.
OF_ALL_COMPANIES = {
	"Case Severity",
	"CRM Pipeline Settings", "Contact Position", "Contact Relation", "Customer Relation", "Customer Discussion", "Duplicate Pair", "Pending Update",
	"Imported Record", "Lead Score Model", "Lead Score Rule", "Pipeline Job", "Sales Absence", "Sales Handover", "Pipeline Stage", "Relation Type", "Sales Activity Type", "Sales Calendar Feed", "Sales Channel", "Sales Competitor",
	"Sales Lost Reason", "Sales Segment Member", "Sales Segment Snapshot",
}  # fmt: skip


def test_what_belongs_to_a_company_goes_with_its_transactions():
	"""ERPNext's Transaction Deletion Record finds records by their link to a company, and rows by their parent."""
	of_none = {
		doctype["name"]
		for doctype in DOCTYPES.values()
		if not doctype.get("istable") and not any(f.get("options") == "Company" for f in doctype["fields"])
	}
	assert of_none == OF_ALL_COMPANIES


def test_the_notes_of_the_ledger_go_with_the_transactions_of_their_company():
	[link] = [f for f in DOCTYPES["Pipeline Event Note"]["fields"] if f.get("options") == "Company"]
	assert (link["fieldname"], link["fieldtype"]) == ("company", "Link")
	hooks = (APP / "hooks.py").read_text(encoding="utf-8")
	[ignored] = re.findall(r"^company_data_to_be_ignored = (.+)$", hooks, re.MULTILINE)
	assert ast.literal_eval(ignored) == ["Sales Pipeline", "Sales Segment", "Lead Assignment Rule", "Pool Rule"]


FOUR_FIGURES = ("ordered_amount", "delivered_amount", "billed_amount", "paid_amount")


def test_the_admin_guide_says_in_which_currency_amounts_are():
	guide = (APP.parent / "docs" / "admin-guide.md").read_text(encoding="utf-8")
	assert "*Amount* of a lead, deal, contract or request is in the document's currency" in guide
	assert "*Amount (Company Currency)* and the four figures below are in that of the company" in guide
	for name in ("Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request"):
		fields = {f["fieldname"]: f for f in DOCTYPES[name]["fields"]}
		assert fields["amount"]["options"] == "currency", name
		four = [field for field in fields if field in FOUR_FIGURES]
		for field in ("base_amount", *four):
			assert fields[field]["options"] == "Company:company:default_currency", (name, field)
		assert len(four) == (0 if name == "Sales Lead" else 4), name


def test_rows_are_opened_and_changed_with_their_documents_only():
	"""The framework asks for the type of their document alone; see documents/document_row.py."""
	from crm_pipeline.core.registry import ROWS

	stand_in = {}
	for doctype in DOCTYPES.values():
		for field in doctype["fields"]:
			if field["fieldtype"] in TABLES and field["options"] in DOCTYPES:
				stand_in.setdefault(field["options"], set()).add(doctype["name"])
	assert {name: set(parents) for name, parents in ROWS.items()} == stand_in
	for name in stand_in:
		text = FILES[name].with_suffix(".py").read_text(encoding="utf-8")
		assert "(DocumentRow)" in text, name
