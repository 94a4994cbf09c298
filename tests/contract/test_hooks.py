import ast
import json
import re
import runpy
from collections.abc import Iterator

import pytest

from crm_pipeline.core.chain import ORDER, made_of
from crm_pipeline.core.registry import OWNED, PERSONAL, ROWS
from tests.contract.source import APP, ROOT, calls, doctypes, find_function, python_files, relative, tree

HOOKS = runpy.run_path(str(APP / "hooks.py"))
TEXT = (APP / "hooks.py").read_text(encoding="utf-8")

# Hooks that frappe calls with (doc, method).
DOC_EVENTS = HOOKS.get("doc_events", {})

# Records of CRMs that can be moved in from: the importer alone has to do with them.
RENAMED = {"after_rename": "crm_pipeline.importer.moving_in.side_by_side.follow_rename"}
OF_OTHER_CRMS = {doctype for doctype, events in DOC_EVENTS.items() if events == RENAMED}


def strings(value) -> Iterator[str]:
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		for part in value.values():
			yield from strings(part)
	elif isinstance(value, list | tuple):
		for part in value:
			yield from strings(part)


def settings() -> dict:
	return {key: value for key, value in HOOKS.items() if not key.startswith("__")}


PATHS = sorted(
	{
		text
		for text in strings(settings())
		if re.fullmatch(r"crm_pipeline(\.\w+)+", text) and not re.search(r"\.bundle\.(js|css)$", text)
	}
)


@pytest.mark.parametrize("path", PATHS)
def test_a_dotted_path_leads_to_a_function(path):
	assert find_function(path), f"hooks.py names {path}, which is no function"


def test_there_are_paths_to_check():
	assert len(PATHS) > 10


@pytest.mark.parametrize("path", sorted(set(strings(DOC_EVENTS))))
def test_event_handlers_take_the_document_and_an_optional_method(path):
	arguments = find_function(path).args
	assert [a.arg for a in arguments.args][1:] == ["method"]
	assert len(arguments.defaults) == 1


def test_form_scripts_and_bundles_exist():
	missing = [
		path
		for key in ("doctype_js", "doctype_list_js", "page_js")
		for path in strings(settings().get(key, {}))
		if not (APP / path).exists()
	]
	for key in ("app_include_js", "app_include_css"):
		for bundle in strings(settings().get(key, [])):
			if ".bundle." in bundle and not list((APP / "public").rglob(bundle.rpartition(".")[0] + ".*")):
				missing.append(bundle)
	assert missing == []


def test_asset_paths_exist():
	assets = [t for t in strings(settings()) if t.startswith("/assets/crm_pipeline/")]
	missing = [t for t in assets if not (APP / "public" / t.removeprefix("/assets/crm_pipeline/")).exists()]
	assert assets and missing == []


def test_hooks_stay_at_about_eighty_active_lines():
	active = [line for line in TEXT.splitlines() if line.strip() and not line.strip().startswith("#")]
	assert len(active) <= 85


def test_hooks_hold_no_logic():
	"""Types of documents come from the registry, the rest is written out."""
	found = re.findall(r"^\s*(?:def|import|from|if|for|lambda)\b.*", TEXT, re.MULTILINE)
	assert [line for line in found if not line.startswith("from crm_pipeline.core.registry import ")] == []


def test_required_apps_is_one_line_that_bench_can_read():
	assert re.search(r'^required_apps = \["frappe/erpnext"\]$', TEXT, re.MULTILINE)


def test_classes_are_extended_by_events_not_replaced():
	assert not {"override_doctype_class", "extend_doctype_class", "override_whitelisted_methods"} & set(HOOKS)


def test_every_event_handler_of_the_app_is_called():
	handlers = {
		f"{relative(path)[:-3].replace('/', '.')}.{f.name}"
		for path in python_files()
		for f in tree(path).body
		if isinstance(f, ast.FunctionDef) and [a.arg for a in f.args.args][1:] == ["method"]
	}
	assert handlers == set(strings(DOC_EVENTS))


def test_a_handler_is_called_by_the_event_that_it_is_named_after():
	events = {event for of_doctype in DOC_EVENTS.values() for event in of_doctype}
	called = [
		(doctype, event, path.rpartition(".")[2])
		for doctype, of_doctype in DOC_EVENTS.items()
		for event, paths in of_doctype.items()
		for path in strings(paths)
	]
	assert [call for call in called if call[2] in events and call[1] != call[2]] == []


def body_of(handler: str) -> str:
	"""The source of an event handler, by its dotted path."""
	module, _dot, name = handler.removeprefix("crm_pipeline.").rpartition(".")
	path = APP / f"{module.replace('.', '/')}.py"
	(function,) = [f for f in tree(path).body if isinstance(f, ast.FunctionDef) and f.name == name]
	return ast.unparse(function)


def test_what_happens_to_a_native_document_stands_in_the_file_of_its_name():
	for doctype, of_doctype in DOC_EVENTS.items():
		if doctype in OF_OTHER_CRMS:
			continue
		# What happens to any of them is named after what that is.
		file = "renamed" if doctype == "*" else doctype.removesuffix(" Item").lower().replace(" ", "_")
		assert {path.rpartition(".")[0] for path in strings(of_doctype)} == {f"crm_pipeline.overrides.{file}"}


def test_a_record_of_every_crm_that_can_be_moved_in_from_is_followed_when_it_is_renamed():
	text = (APP / "importer/moving_in/systems.py").read_text(encoding="utf-8")
	ids = " ".join(re.findall(r"\bids=\{(.*?)\n\t\t\}", text, re.DOTALL))
	# A text that ends in a space is what stands before a name.
	assert {name for name in re.findall(r'"(\w[\w ]*)"', ids) if not name.endswith(" ")} == OF_OTHER_CRMS


def test_ordered_and_paid_amounts_follow_orders_invoices_and_credit_notes():
	told = {
		(doctype, event)
		for doctype, of_doctype in DOC_EVENTS.items()
		for event, paths in of_doctype.items()
		for path in strings(paths)
		if "roll_up.collect(doc)" in body_of(path)
	}
	# A payment, a delivery and a return change the order; an invoice that is credited changes by its own events only.
	assert told == {
		("Sales Order", "on_change"),
		("Sales Invoice", "on_submit"),
		("Sales Invoice", "on_cancel"),
		("Sales Invoice", "on_change"),
	}


NATIVE = {"Quotation", "Sales Order", "Delivery Note", "Sales Invoice", "Payment Entry"}


def test_every_native_form_of_a_sale_shows_its_chain():
	shown = {
		doctype
		for doctype, of_doctype in DOC_EVENTS.items()
		for path in strings(of_doctype.get("onload", []))
		if "ribbon_steps.onload(doc)" in body_of(path)
	}
	assert shown == NATIVE <= set(HOOKS["doctype_js"])


def test_native_forms_are_connected_with_our_documents():
	made = {
		f.name
		for f in tree(APP / "overrides" / "dashboards.py").body
		if isinstance(f, ast.FunctionDef) and f.name[0] != "_"
	}
	named = {doctype.lower().replace(" ", "_"): path for doctype, path in HOOKS["override_doctype_dashboards"].items()}
	assert made == set(named)
	assert all(path.endswith(f".{name}") for name, path in named.items())


@pytest.mark.parametrize(
	"doctype", [d for d in ORDER if (APP / "crm_pipeline/doctype" / d.lower().replace(" ", "_")).exists()]
)
def test_a_form_is_connected_with_all_that_may_come_from_it(doctype):
	name = doctype.lower().replace(" ", "_")
	path = APP / "crm_pipeline" / "doctype" / name / f"{name}_dashboard.py"
	asked = [call.args[0].value for called, call in calls(tree(path)) if called == "connections.of"]
	assert asked == [doctype]
	assert [*made_of(doctype)[0], *made_of(doctype)[1]] == list(ORDER[ORDER.index(doctype) + 1 :])


def test_what_is_about_a_document_keeps_nobody_from_deleting_it():
	# Cost estimates and questions decide by themselves, see chain/estimates.py and coaching/help_requests.py.
	about = narrowed_by("permission_query_conditions", "attached_condition") - {"Cost Estimate", "Sales Help Request"}
	assert about <= set(HOOKS["ignore_links_on_delete"])
	assert "Forecast Snapshot" in HOOKS["ignore_links_on_delete"]


# ---- what the scheduler does

JOBS = {
	"crm_pipeline.crm_pipeline.doctype.sales_contract.sales_contract.expire_contracts": "daily",
	"crm_pipeline.relations.customer_relations.follow_dates": "daily",
	"crm_pipeline.duplicates.pair_records.find_all": "daily_long",
	"crm_pipeline.assignment.assigning.daily": "daily_long",
	"crm_pipeline.assignment.time_limits.daily": "daily_long",
	"crm_pipeline.pool.pooling.daily": "daily_long",
	"crm_pipeline.segments.segment_snapshots.daily": "daily_long",
	"crm_pipeline.orders.roll_up.reconcile": "daily_long",
	"crm_pipeline.chain.passages.reconcile": "daily_long",
	"crm_pipeline.analytics.stall_verdicts.refresh_all": "daily_long",
	"crm_pipeline.receivables.promise_states.daily": "daily_long",
	"crm_pipeline.analytics.snapshots.weekly": "weekly_long",
	"crm_pipeline.scoring.learned_scores.weekly": "weekly_long",
	"crm_pipeline.scoring.lead_scores.refresh_all": "daily_long",
	"crm_pipeline.chain.pending.sweep": "*/5 * * * *",
	"crm_pipeline.activities.reminders.send_due": "*/5 * * * *",
	"crm_pipeline.leads.nurturing.wake_due": "*/5 * * * *",
	"crm_pipeline.assignment.time_limits.sweep": "*/5 * * * *",
}


def test_contracts_expire_amounts_are_mended_deals_judged_and_forecasts_kept_in_time():
	events = dict(HOOKS["scheduler_events"])
	often = {**events.pop("cron"), **events}
	assert {job: when for when, jobs in often.items() for job in jobs} == JOBS


# ---- whose documents a user sees


def narrowed_by(hook: str, function: str) -> set[str]:
	return {doctype for doctype, path in HOOKS[hook].items() if path == f"crm_pipeline.permissions.{function}"}


def fields_of(doctype: dict) -> set[str]:
	return {field["fieldname"] for field in doctype["fields"]}


def test_rows_a_user_may_not_see_are_hidden_in_lists_and_forms_alike():
	# A row by itself is asked by its own class, see documents/document_row.py.
	assert set(HOOKS.get("has_permission", {})) | set(ROWS) == set(HOOKS.get("permission_query_conditions", {}))
	for listed, opened in (
		("owned_condition", "has_owned_permission"),
		("attached_condition", "has_attached_permission"),
		("personal_condition", "has_personal_permission"),
	):
		assert narrowed_by("permission_query_conditions", listed) == narrowed_by("has_permission", opened)


def test_whatever_belongs_to_a_person_is_hidden_from_other_teams():
	owned = {
		name
		for name, doctype in doctypes().items()
		if "sales_owner" in fields_of(doctype) and not doctype.get("istable")
	}
	# A campaign has somebody who runs it, and everybody's leads come from it.
	assert owned - {"Sales Campaign"} <= set(HOOKS["permission_query_conditions"])
	assert narrowed_by("permission_query_conditions", "owned_condition") == set(OWNED)


def test_whatever_is_about_a_document_is_hidden_with_it():
	about = {
		name
		for name, doctype in doctypes().items()
		if "reference_name" in fields_of(doctype) and not doctype.get("istable")
	}
	# A case belongs to people, whatever it is about.
	assert about - set(PERSONAL) == narrowed_by("permission_query_conditions", "attached_condition")


def test_personal_data_are_copied_and_redacted_wherever_a_document_has_an_address_of_somebody():
	told = {row["doctype"]: row for row in HOOKS["user_data_fields"]}
	shapes = {name: {field["fieldname"]: field for field in shape["fields"]} for name, shape in doctypes().items()}
	addressed = {name for name, fields in shapes.items() if fields.get("email_id", {}).get("options") == "Email"}
	assert set(told) == addressed
	for doctype, row in told.items():
		assert set(row["redact_fields"]) <= set(shapes[doctype]), doctype
		numbers = {name for name, field in shapes[doctype].items() if field.get("options") == "Phone"}
		keys = {name for name in shapes[doctype] if name in ("match_email", "match_phone", "match_mobile")}
		assert numbers | keys <= set(row["redact_fields"]), doctype


def test_the_apps_screen_leads_to_a_desk_route_on_both_versions():
	assert all(entry["route"].startswith("/app/") for entry in HOOKS["add_to_apps_screen"])


def test_the_checkout_is_laid_out_as_bench_expects():
	assert (ROOT / "setup.py").exists() and (ROOT / "pyproject.toml").exists() and (APP / "patches.txt").exists()


def test_the_logo_of_the_site_is_left_alone():
	assert not {"app_logo_url", "brand_html", "splash_image", "website_context", "home_page", "role_home_page"} & set(
		HOOKS
	)


def test_the_tile_leads_to_our_workspace():
	"""15 follows a tile's route only where it holds the name of a workspace; the browser knows the name with hyphens."""
	(tile,) = HOOKS["add_to_apps_screen"]
	workspaces = {json.loads(path.read_text(encoding="utf-8"))["name"] for path in APP.rglob("workspace/*/*.json")}
	name = tile["route"].removeprefix("/app/")
	assert tile["route"].startswith("/app/") and name in {workspace.lower() for workspace in workspaces}
	for desk in ("app", "desk"):
		sent = [
			re.sub(rule["source"].strip("/") + "$", rule["target"], f"{desk}/{name}")
			for rule in HOOKS["website_redirects"]
			if re.match(rule["source"].strip("/") + "$", f"{desk}/{name}")
		]
		assert sent == [f"/{desk}/{name.replace(' ', '-')}"]


def test_the_scripts_of_native_forms_are_loaded_with_them():
	scripts = {path.name for path in (APP / "public" / "js" / "native").glob("*.js")}
	assert {"quotation.js", "sales_order.js", "customer.js", "ribbon_only.js"} <= scripts
	forms = {
		"Quotation": "quotation",
		"Sales Order": "sales_order",
		"Customer": "customer",
		"Contact": "contact",
		"Delivery Note": "delivery_note",
		"Payment Entry": "ribbon_only",
		"Sales Invoice": "sales_invoice",
	}
	assert HOOKS["doctype_js"] == {doctype: f"public/js/native/{name}.js" for doctype, name in forms.items()}


def test_the_tile_has_a_name_a_picture_and_a_condition():
	(tile,) = HOOKS["add_to_apps_screen"]
	assert (tile["name"], tile["title"], bool(tile["logo"])) == ("crm_pipeline", "CRM Pipeline", True)
	assert tile["has_permission"] == "crm_pipeline.permissions.may_use_app"


def test_the_bundle_of_the_desk_and_the_steps_of_install_are_there():
	assert HOOKS["app_include_js"] == "crm_pipeline.bundle.js"
	steps = ("before_install", "after_install", "after_migrate")
	assert [HOOKS[step] for step in steps] == [f"crm_pipeline.install.{step}" for step in steps]
	assert HOOKS["before_uninstall"] == "crm_pipeline.uninstall.before_uninstall"


def test_order_requests_alone_are_not_cancelled_along_with_what_they_came_from():
	"""Frappe offers to cancel all submitted documents that link to a cancelled one, except these."""
	assert HOOKS["auto_cancel_exempted_doctypes"] == ["Sales Order Request"]
	submitted = {name for name, doctype in doctypes().items() if doctype.get("is_submittable")}
	assert set(HOOKS["auto_cancel_exempted_doctypes"]) <= submitted
