"""Install and migrate: roles, Role Profiles, custom fields, settings, the first pipelines. All of it idempotent."""

import importlib.util
import json
from pathlib import Path

import frappe
from frappe import _

from crm_pipeline import first_texts
from crm_pipeline.capture import enquiry_form
from crm_pipeline.chain import standard_kinds
from crm_pipeline.coaching import standard_playbook
from crm_pipeline.core.kinds import STANDARD
from crm_pipeline.erp import custom_fields, customer_indexes
from crm_pipeline.leads import standard_questions
from crm_pipeline.patches.v0_4 import fill_match_keys

ROLES = ("Order Desk",)

# Functions, not departments: any of them can be given to anyone.
ROLE_PROFILES = {
	"CRM Market Function": ("Sales User",),
	"CRM Sales Function": ("Sales User", "Sales Manager"),
	"CRM Order Desk": ("Sales User", "Order Desk"),
	"CRM Whole Sale": ("Sales User", "Sales Manager", "Order Desk"),
}

# Key, label, type, probability, forecast category, expected dwell in days, colour.
STANDARD_SALES = (
	("qualification", "Qualification", "Open", 10, "Pipeline", 7, "#7575ff"),
	("needs_analysis", "Needs Analysis", "Open", 25, "Pipeline", 14, "#4f9dd9"),
	("proposal", "Proposal", "Open", 50, "Best Case", 14, "#29cd98"),
	("negotiation", "Negotiation", "Open", 75, "Commit", 10, "#ecad4b"),
	("won", "Won", "Won", 100, "Closed", 0, "#28a745"),
	("lost", "Lost", "Lost", 0, "Omitted", 0, "#cb2929"),
)
STANDARD_PROJECTS = (
	("planning", "Planning", "Open", 20, "Pipeline", 14, "#7575ff"),
	("solution", "Solution Design", "Open", 40, "Pipeline", 30, "#4f9dd9"),
	("evaluation", "Customer Evaluation", "Open", 60, "Best Case", 30, "#29cd98"),
	("negotiation", "Negotiation", "Open", 80, "Commit", 14, "#ecad4b"),
	("won", "Won", "Won", 100, "Closed", 0, "#28a745"),
	("lost", "Lost", "Lost", 0, "Omitted", 0, "#cb2929"),
)
PIPELINES = {
	"Standard Sales": ("Sales Opportunity", STANDARD_SALES),
	"Standard Projects": ("Sales Project", STANDARD_PROJECTS),
}
# The block of numbers on each workspace, and whose numbers it shows; "" for those of the reader's own function.
WORKSPACE_BLOCKS = {
	"CRM Pipeline": "",
	"CRM My Sales": "rep",
	"CRM Team Sales": "manager",
	"CRM Order Desk": "order_desk",
	"CRM Sales Finance": "finance",
}
# Severity, hours to answer, hours to solve, severe; the worst first.
CASE_SEVERITIES = (
	("Critical", 2, 8, 1),
	("High", 8, 48, 1),
	("Normal", 24, 120, 0),
	("Low", 72, 240, 0),
)
LOST_REASONS = (
	"Price",
	"Competitor",
	"No Budget",
	"No Decision",
	"Bad Timing",
	"Missing Feature",
	"Not Reachable",
	"No Need",
	"Duplicate",
	"Wrong Data",
)


def before_install():
	if not importlib.util.find_spec("erpnext"):
		frappe.throw(_("CRM Pipeline needs ERPNext. Please install it on this site first."))
	taken = taken_names()
	if taken:
		frappe.throw(
			_("This site has records with names that CRM Pipeline would take: {0}. Rename them first.").format(
				", ".join(f"{_(doctype)} {name}" for doctype, name in taken)
			)
		)


def taken_names() -> list[tuple[str, str]]:
	"""(DocType, name) of what the site has under a name of ours: installing would put ours in its place."""
	app = Path(__file__).parent
	modules = (app / "modules.txt").read_text(encoding="utf-8").split("\n")
	names: dict[str, list[str]] = {}
	for path in app.glob("crm_*/*/*/*.json"):
		record = json.loads(path.read_text(encoding="utf-8"))
		names.setdefault(record["doctype"], []).append(record["name"])
	return [
		(doctype, row.name)
		for doctype, ours in sorted(names.items())
		if frappe.db.exists("DocType", doctype) and frappe.get_meta(doctype).has_field("module")
		for row in frappe.get_all(
			doctype, filters={"name": ("in", ours)}, fields=["name", "module"], order_by="name asc", limit=0
		)
		if row.module not in modules
	]


def after_install():
	make_roles()
	make_role_profiles()
	custom_fields.create()
	customer_indexes.make()
	fill_match_keys.fill_missing_keys()
	make_kinds()
	make_pipelines()
	make_lost_reasons()
	make_case_severities()
	first_texts.make()
	enquiry_form.make()
	make_workspace_blocks()
	set_defaults()
	add_to_global_search()


def after_migrate():
	"""Schema-bound things follow the code; records that an admin may have changed are left alone."""
	make_roles()
	custom_fields.create()
	customer_indexes.make()
	make_workspace_blocks()
	remove_short_sidebars()
	fill_new_settings()


def after_app_install(app_name: str):
	"""Of any app: with each, Frappe 16 makes a sidebar for every workspace that has none of its own name."""
	remove_short_sidebars()


def remove_short_sidebars():
	"""Our workspaces stand in the app's own sidebar. One of their own name, which Frappe 16 makes of their shortcuts and
	an icon with it, would take that one's place as soon as a workspace is opened. What somebody has changed stays."""
	if not frappe.db.exists("DocType", "Workspace Sidebar"):
		return
	names = frappe.get_all("Workspace", filters={"module": "CRM Pipeline"}, pluck="name", order_by="name asc", limit=0)
	for doctype in ("Desktop Icon", "Workspace Sidebar"):
		made = frappe.get_all(
			doctype,
			filters={"name": ("in", names), "standard": 0},
			fields=["name", "creation", "modified"],
			order_by="name asc",
			limit=0,
		)
		for row in made:
			if row.creation == row.modified:
				# Whoever installs another app changes this no more than by that.
				frappe.delete_doc(doctype, row.name, ignore_permissions=True)


def fill_new_settings():
	"""Settings that came with an update start with their defaults: Frappe gives those to new sites only."""
	doctype = "CRM Pipeline Settings"
	stored = frappe.db.get_singles_dict(doctype)
	for field in frappe.get_meta(doctype).fields:
		if field.default and field.fieldname not in stored:
			frappe.db.set_single_value(doctype, field.fieldname, field.default)


def make_roles():
	for role in ROLES:
		if not frappe.db.exists("Role", role):
			frappe.get_doc({"doctype": "Role", "role_name": role, "desk_access": 1}).insert(ignore_permissions=True)


def make_role_profiles():
	for name, roles in ROLE_PROFILES.items():
		if not frappe.db.exists("Role Profile", name):
			profile = frappe.get_doc({"doctype": "Role Profile", "role_profile": name})
			profile.extend("roles", [{"role": role} for role in roles])
			profile.insert(ignore_permissions=True)


def make_workspace_blocks():
	if not frappe.db.exists("DocType", "Custom HTML Block"):
		return
	for name, function in WORKSPACE_BLOCKS.items():
		if frappe.db.exists("Custom HTML Block", name):
			continue
		shown = f'crm_pipeline.load("crm_workspace").then(() => crm_pipeline.show_numbers(root_element, "{function}"));'
		block = frappe.get_doc({"doctype": "Custom HTML Block", "html": "<div></div>", "script": shown})
		block.insert(ignore_permissions=True, set_name=name)


def make_kinds():
	for doctype in STANDARD:
		standard_kinds.make_standard(doctype)


def make_pipelines():
	for name, (applies_to, stages) in PIPELINES.items():
		if frappe.db.exists("Sales Pipeline", {"applies_to": applies_to}):
			continue
		pipeline = frappe.get_doc(
			{
				"doctype": "Sales Pipeline",
				"pipeline_name": name,
				"applies_to": applies_to,
				"is_default": 1,
				"questions": standard_questions.rows(),
			}
		).insert(ignore_permissions=True)
		# Frappe fills in the site's default company; a standard pipeline is every company's.
		pipeline.db_set("company", None)
		for position, (key, label, kind, probability, category, dwell, color) in enumerate(stages, start=1):
			frappe.get_doc(
				{
					"doctype": "Pipeline Stage",
					"pipeline": name,
					"stage_key": key,
					"label": label,
					"position": position * 10,
					"stage_type": kind,
					"probability": probability,
					"forecast_category": category,
					"expected_dwell_days": dwell,
					"color": color,
					**standard_playbook.fields_of(name, key),
				}
			).insert(ignore_permissions=True)


def make_lost_reasons():
	for reason in LOST_REASONS:
		if not frappe.db.exists("Sales Lost Reason", reason):
			frappe.get_doc({"doctype": "Sales Lost Reason", "reason": reason}).insert(ignore_permissions=True)


def make_case_severities():
	"""The first ones; where there is any, they are the site's own."""
	if frappe.db.count("Case Severity"):
		return
	for position, (severity, answer, solve, severe) in enumerate(CASE_SEVERITIES, start=1):
		values = {"severity": severity, "position": position * 10, "answer_hours": answer, "solve_hours": solve}
		frappe.get_doc({"doctype": "Case Severity", "is_severe": severe, **values}).insert(ignore_permissions=True)


def add_to_global_search():
	"""Frappe reads the hook when a site is set up, which is before most apps come. An admin's own order stays."""
	name = "Global Search Settings"
	if not frappe.db.exists("DocType", name):
		return
	settings = frappe.get_doc(name)
	listed = [row.document_type for row in settings.allowed_in_global_search]
	hooks = frappe.get_hooks("global_search_doctypes", app_name="crm_pipeline")
	missing = [row for row in hooks.get("Default", []) if row["doctype"] not in listed]
	if not (listed and missing):
		return
	for row in missing:
		listed.insert(row["index"], row["doctype"])
	settings.allowed_in_global_search = []
	settings.extend("allowed_in_global_search", [{"document_type": doctype} for doctype in listed])
	settings.save(ignore_permissions=True)


def set_defaults():
	settings = frappe.get_doc("CRM Pipeline Settings")
	settings.flags.ignore_permissions = True
	settings.save()
