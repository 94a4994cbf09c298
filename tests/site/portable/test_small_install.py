"""What comes with the app, once: its place in the global search, settings of an update, roles and blocks of numbers."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import boot, install, uninstall
from crm_pipeline.chain import clean_html
from crm_pipeline.core import registry
from crm_pipeline.core.kinds import STANDARD

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


def test_severities_are_made_once_the_worst_first(site):
	frappe.db.delete("Case Severity")
	install.make_case_severities()
	fields = ["severity", "position", "answer_hours", "solve_hours", "is_severe"]
	found = frappe.get_all("Case Severity", fields=fields, order_by="position asc", as_list=True)
	assert [tuple(row) for row in found] == [
		("Critical", 10, 2, 8, 1), ("High", 20, 8, 48, 1), ("Normal", 30, 24, 120, 0), ("Low", 40, 72, 240, 0),
	]  # fmt: skip
	frappe.db.delete("Case Severity", {"severity": "Low"})
	install.make_case_severities()
	assert frappe.db.count("Case Severity") == 3, "where there is any, they are the site's own"


def test_kinds_are_made_where_they_are_missing(site):
	there = {doctype: frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0) for doctype in STANDARD}
	for doctype in STANDARD:
		frappe.db.delete(doctype)
	install.make_kinds()
	for doctype, names in STANDARD.items():
		keys = frappe.get_all(doctype, pluck="standard_key", order_by="name asc", limit=0)
		assert sorted(keys) == sorted(names) and len(keys) <= len(there[doctype])


def test_pipelines_are_made_where_a_site_has_none_of_the_kind(site):
	made = frappe.get_all(
		"Pipeline Stage", filters={"pipeline": "Standard Sales"}, pluck="name", order_by="name asc", limit=0
	)
	for doctype in ("Pipeline Stage", "Sales Pipeline"):
		column = "pipeline" if doctype == "Pipeline Stage" else "name"
		frappe.db.delete(doctype, {column: ("in", tuple(install.PIPELINES))})
	others = {
		doctype: frappe.db.exists("Sales Pipeline", {"applies_to": doctype})
		for doctype in ("Sales Opportunity", "Sales Project")
	}
	if any(others.values()):
		pytest.skip("the site has pipelines of its own")
	install.make_pipelines()
	pipeline = frappe.get_doc("Sales Pipeline", "Standard Sales")
	assert (pipeline.applies_to, pipeline.is_default, pipeline.company) == ("Sales Opportunity", 1, None)
	assert frappe.get_doc("Sales Pipeline", "Standard Projects").applies_to == "Sales Project"
	assert pipeline.questions
	fields = [
		"stage_key",
		"label",
		"position",
		"stage_type",
		"probability",
		"forecast_category",
		"expected_dwell_days",
		"color",
	]
	found = frappe.get_all(
		"Pipeline Stage", filters={"pipeline": "Standard Sales"}, fields=fields, order_by="position asc"
	)
	wanted = [
		dict(zip(fields, (key, label, place * 10, kind, chance, category, dwell, color), strict=True))
		for place, (key, label, kind, chance, category, dwell, color) in enumerate(install.STANDARD_SALES, start=1)
	]
	assert [dict(row) for row in found] == wanted and len(made) == len(found)
	frappe.db.delete("Pipeline Stage", {"pipeline": "Standard Sales", "stage_key": "won"})
	install.make_pipelines()
	assert frappe.db.count("Pipeline Stage", {"pipeline": "Standard Sales"}) == len(found) - 1, (
		"they are the site's own now"
	)


def test_settings_are_stored_by_whoever_installs(site, as_user):
	as_user("rep")
	install.set_defaults()
	stored = frappe.db.get_singles_dict("CRM Pipeline Settings")
	assert stored["modified_by"] == frappe.session.user


def test_desk_knows_the_registry_from_its_first_moment(site):
	told = frappe._dict()
	boot.extend(told)
	assert isinstance(told.crm_lead_score_threshold, int | float)
	known = told.crm_pipeline
	assert known.keys() == {"chain", "own", "deals", "attached", "item_tables", "titled", "states"}
	assert (known["chain"], known["own"], known["deals"], known["attached"]) == (
		registry.ORDER, registry.OWN, registry.DEALS, registry.ATTACHED,
	)  # fmt: skip
	assert known["item_tables"] == ["Sales Contract Item", "Sales Deal Item", "Sales Order Request Item"]
	assert {*registry.OWN, "Cost Estimate", "Sales Activity"} <= {*known["titled"]} and "Quotation" not in known[
		"titled"
	]
	assert known["titled"] == sorted(known["titled"])
	assert known["states"].keys() == registry.STATES.keys()
	assert ("Won", "green") in [row[:2] for row in known["states"]["Sales Opportunity"]]


# ---- left again


def test_what_is_of_our_modules_is_ours(site, monkeypatch):
	monkeypatch.setitem(vars(frappe), "get_module_list", lambda app: {"crm_pipeline": ["Ours"]}[app])
	asked = []
	monkeypatch.setattr(
		frappe, "get_all", lambda doctype, filters, **how: asked.append((doctype, filters, how["pluck"])) or ["A"]
	)
	assert uninstall.our_doctypes() == ["A"]
	assert asked == [("DocType", {"module": ("in", ["Ours"])}, "name")]


def test_our_indexes_leave_the_tables_of_erpnext(site, monkeypatch):
	dropped = []
	monkeypatch.setattr(uninstall.customer_indexes, "INDEXES", {"Customer": ("one", "two"), "Gone": ("three",)})
	monkeypatch.setitem(vars(frappe.db), "table_exists", lambda table: table != "Gone")
	monkeypatch.setitem(vars(frappe.db), "has_index", lambda table, name: (table, name) == ("tabCustomer", "two"))
	monkeypatch.setitem(vars(frappe.db), "sql_ddl", dropped.append)
	uninstall.drop_indexes()
	assert dropped == ["ALTER TABLE `tabCustomer` DROP INDEX `two`"]


@pytest.mark.parametrize("jobs", [["ours"], []])
def test_our_jobs_and_their_logs_go(site, monkeypatch, jobs):
	gone = []
	monkeypatch.setattr(
		frappe,
		"get_all",
		lambda doctype, filters, **how: jobs if filters == {"method": ("like", "crm_pipeline.%")} else ["x"],
	)
	monkeypatch.setattr(frappe.db, "delete", lambda *about: gone.append(about))
	uninstall.remove_jobs()
	assert gone == [
		("Scheduled Job Log", {"scheduled_job_type": ("in", ["ours"])}), ("Scheduled Job Type", {"name": ("in", ["ours"])}),
	][: 2 * len(jobs)]  # fmt: skip
