"""Coming to a site and leaving it: each step once, nothing of the host's touched, nothing of ours left."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import install, uninstall

OURS = ["Sales Lead", "Sales Opportunity"]


@pytest.fixture
def left(monkeypatch):
	"""What is deleted and emptied on a site that has all tables but "Energy Point Log" and the column Report.ref_doctype."""
	done = SimpleNamespace(deleted=[], emptied=[], documents=[], stored={})

	def names(table, filters=None, **_how):
		((column, (how, values)),) = filters.items()
		assert how == "in"
		return [name for value in values for name in done.stored.get((table, column, value), ())]

	missing = {"Energy Point Log"}
	monkeypatch.setattr(frappe.db, "exists", lambda doctype, name=None: name not in missing)
	has_column = lambda table, column: (table, column) != ("Report", "ref_doctype")  # noqa: E731
	monkeypatch.setitem(vars(frappe.db), "has_column", has_column)
	monkeypatch.setitem(vars(frappe.db), "table_exists", lambda table: table not in missing)
	monkeypatch.setattr(frappe.db, "delete", lambda *about: done.deleted.append(about))
	monkeypatch.setattr(frappe.db, "set_value", lambda *about, **how: done.emptied.append(about))
	monkeypatch.setattr(frappe, "delete_doc", lambda *about, **how: done.documents.append(about))
	monkeypatch.setattr(frappe, "get_all", names)
	monkeypatch.setattr(frappe, "get_meta", lambda table: SimpleNamespace(istable=table.startswith("Workspace ")))
	return done


def test_records_that_were_made_for_our_documents_go_with_what_stands_on_them(left):
	left.stored = {
		("Report", "ref_doctype", "Sales Lead"): ["Without Column"],
		("Dashboard Chart", "document_type", "Sales Lead"): ["Leads"],
		("Workspace Chart", "chart_name", "Leads"): ["row-1"],
		("Notification", "document_type", "Sales Opportunity"): ["Won"],
		("Notification", "document_type", "Customer"): ["Theirs"],
	}
	uninstall.remove_what_was_made_for(OURS)
	assert sorted(left.documents) == [("Dashboard Chart", "Leads"), ("Notification", "Won")]
	assert left.deleted == [("Workspace Chart", {"name": ("in", ["row-1"])})]


def test_what_points_at_our_documents_goes_and_mails_and_files_stay_and_point_at_nothing(left):
	uninstall.remove_pointers(OURS)
	gone = dict(left.deleted)
	assert gone["Comment"] == {"reference_doctype": ("in", OURS)} and gone["ToDo"] == {"reference_type": ("in", OURS)}
	assert gone["Property Setter"] == {"doc_type": ("in", OURS)} and gone["Custom Field"] == {"dt": ("in", OURS)}
	assert "Energy Point Log" not in gone and not {"File", "Communication", "Email Queue"} & gone.keys()
	uninstall.free_what_stays(OURS)
	kept = {table: (filters, values) for table, filters, values in left.emptied if table in ("File", "Communication")}
	assert kept["File"] == (
		{"attached_to_doctype": ("in", OURS)},
		dict.fromkeys(("attached_to_doctype", "attached_to_name", "attached_to_field")),
	)
	assert kept["Communication"][1] == {"reference_doctype": None, "reference_name": None}


def test_a_link_that_an_admin_added_keeps_its_values_as_text(left):
	uninstall.links_become_text(OURS)
	text = {"fieldtype": "Data", "options": None}
	assert left.emptied == [
		(table, {"fieldtype": "Link", "options": ("in", OURS), parent: ("not in", OURS)}, text)
		for table, parent in (("Custom Field", "dt"), ("DocField", "parent"))
	]


def test_roles_and_profiles_go_and_nobody_holds_them(left):
	uninstall.remove_roles()
	profiles = [name for table, name in left.documents if table == "Role Profile"]
	assert profiles == list(install.ROLE_PROFILES) and ("Role", "Order Desk") in left.documents
	assert {("Has Role", "Order Desk"), ("Custom DocPerm", "Order Desk")} <= {
		(table, filters.get("role")) for table, filters in left.deleted
	}
	assert [about[1] for about in left.emptied] == [{"role_profile_name": name} for name in profiles]


def test_blocks_of_numbers_leave_the_workspaces_they_were_put_on(left):
	uninstall.remove_workspace_blocks()
	names = list(install.WORKSPACE_BLOCKS)
	assert left.deleted == [("Workspace Custom Block", {"custom_block_name": ("in", names)})]
	assert left.documents == [("Custom HTML Block", name) for name in names]


@pytest.mark.parametrize(
	("module", "run", "steps"),
	[
		(
			install, "after_install",
			"make_roles make_role_profiles custom_fields.create customer_indexes.make fill_match_keys.fill_missing_keys "
			"make_kinds make_pipelines make_lost_reasons make_case_severities first_texts.make make_workspace_blocks set_defaults add_to_global_search",
		),
		(install, "after_migrate", "make_roles custom_fields.create customer_indexes.make make_workspace_blocks fill_new_settings"),
		(
			uninstall, "before_uninstall",
			"custom_fields.remove drop_indexes remove_what_was_made_for remove_pointers free_what_stays links_become_text remove_jobs "
			"remove_workspace_blocks first_texts.remove remove_roles",
		),
	],
)  # fmt: skip
def test_each_step_of_coming_and_going_is_made_once_and_in_its_order(monkeypatch, module, run, steps):
	done = []
	for step in steps.split():
		place, _dot, name = step.rpartition(".")
		owner = getattr(module, place) if place else module
		monkeypatch.setattr(owner, name, lambda *about, step=step: done.append(step))
	monkeypatch.setattr(uninstall, "our_doctypes", lambda: OURS)
	monkeypatch.setattr(frappe, "clear_cache", lambda *about: None, raising=False)
	getattr(module, run)()
	assert done == steps.split()


def test_roles_reasons_and_profiles_that_are_there_are_left_alone(monkeypatch):
	made, there = [], {("Role Profile", "CRM Order Desk"), ("Sales Lost Reason", "Price")}

	def new(values):
		key = values.get("role_name") or values.get("role_profile") or values.get("reason")
		insert = lambda **how: made.append((values["doctype"], key))  # noqa: E731
		return SimpleNamespace(insert=insert, extend=lambda table, rows: made.append([row["role"] for row in rows]))

	monkeypatch.setattr(frappe.db, "exists", lambda *about: about in there)
	monkeypatch.setattr(frappe, "get_doc", new)
	install.make_role_profiles()
	profiles = [one for one in made if isinstance(one, tuple)]
	assert [name for _doctype, name in profiles] == ["CRM Market Function", "CRM Sales Function", "CRM Whole Sale"]
	assert made[0] == ["Sales User"] and ["Sales User", "Sales Manager", "Order Desk"] in made
	made.clear()
	install.make_roles()
	install.make_lost_reasons()
	assert made[0] == ("Role", "Order Desk") and ("Sales Lost Reason", "Price") not in made
	assert len(made) == len(install.LOST_REASONS)


def test_without_erpnext_the_app_says_what_it_needs(monkeypatch):
	monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
	with pytest.raises(frappe.ValidationError, match="needs ERPNext"):
		install.before_install()
	monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: name)
	install.before_install()


def test_names_that_the_site_has_taken_are_said_before_anything_is_replaced(monkeypatch):
	monkeypatch.setattr(install, "taken_names", lambda: [("Report", "Data Quality"), ("DocType", "Sales Contract")])
	with pytest.raises(frappe.ValidationError, match="take: Report Data Quality, DocType Sales Contract. Rename"):
		install.before_install()
