# ruff: noqa: F811
"""What a move links and an undo takes off, part by part; what is left where a table or a column is not there."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.importer import import_check
from crm_pipeline.importer.mapping import Mapping
from crm_pipeline.importer.moving_in import erpnext_agreements, move_run, move_undo, moved_extras, old_tables
from crm_pipeline.importer.moving_in.erpnext_rows import ErpnextRows
from crm_pipeline.importer.moving_in.old_words import Words
from crm_pipeline.importer.moving_in.system_table import SystemTable
from tests.site import rows
from tests.site.hosts import HOST
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in import DEAL, LEAD, moved, old, record  # noqa: F401


def lead_here(old, **values) -> str:
	return rows.row(LEAD, docstatus=0, name=old.name("Here"), title="Here", company=old.world.company, **values)


# ---- linked


@pytest.mark.parametrize("without", ["Lead", LEAD])
def test_tags_are_left_where_nobody_ever_gave_any(old, monkeypatch, without):
	lead, here = old.lead("Ann"), lead_here(old)
	frappe.db.set_value("Lead", lead, "_user_tags", ",Hot")
	columns = old_tables.columns_of
	monkeypatch.setattr(
		old_tables, "columns_of", lambda doctype: columns(doctype) - ({"_user_tags"} if doctype == without else set())
	)
	assert moved_extras.link("Lead", LEAD, {lead: here})["tags"] == 0
	assert not frappe.db.get_value(LEAD, here, "_user_tags")


def test_competitors_are_left_where_the_system_has_no_table_of_them(old, monkeypatch):
	monkeypatch.setattr(old_tables, "is_there", lambda doctype: doctype != "Competitor Detail")
	assert moved_extras._competitors("Opportunity", DEAL, {"O": "D"}) == 0


def test_only_records_that_are_here_still_are_linked(old):
	lead, here = old.lead("Ann"), lead_here(old)
	for name in (lead, "Gone Lead"):
		put(
			"File",
			file_url=f"/files/{name}.txt",
			file_name=f"{name}.txt",
			attached_to_doctype="Lead",
			attached_to_name=name,
		)
	assert moved_extras.link_files("Lead", LEAD, {lead: here, "Gone Lead": "Gone"}) == 1
	assert moved_extras.link_files("Lead", LEAD, {}) == 0
	fields = ["attached_to_doctype", "file_url", "file_name", "is_folder"]
	[file] = frappe.get_all("File", filters={"attached_to_name": here}, fields=fields, order_by="name asc")
	assert (file.attached_to_doctype, file.file_url) == (LEAD, f"/files/{lead}.txt")


# ---- let go


def test_a_card_that_belongs_to_a_record_there_is_let_go_and_one_of_ours_is_not(old):
	links = {}
	for key, others in (("There", (("Lead", "L"),)), ("Ours", (("Customer", "C"),)), ("Alone", ())):
		card = put("Contact", old.name(key), first_name=key)
		links[key] = child("Dynamic Link", ("Contact", card), "links", 1, link_doctype=LEAD, link_name="X")
		for place, (kind, name) in enumerate(others, 2):
			child("Dynamic Link", ("Contact", card), "links", place, link_doctype=kind, link_name=name)
	asked = [frappe._dict(name=name) for name in links.values()]
	assert move_undo.let_go("Dynamic Link", asked, "link_name") == {links["There"]}
	assert move_undo.let_go("Dynamic Link", [], "link_name") == set()


def test_a_quotation_of_an_opportunity_there_is_let_go(old):
	theirs = put("Quotation", old.name("A"), opportunity=old.name("O"), quotation_to="Customer")
	ours = put("Quotation", old.name("B"), quotation_to="Customer")
	asked = [frappe._dict(name=name) for name in (theirs, ours)]
	assert move_undo.let_go("Quotation", asked, "crm_source_name") == {theirs}
	assert (
		move_undo.let_go("Quotation", asked, "opportunity")
		== move_undo.let_go("Sales Order", asked, "crm_source_name")
		== set()
	)


def test_files_and_assignments_that_a_move_linked_came_along_and_others_did_not(old, monkeypatch):
	HOST.other_tables(monkeypatch, "File|hash|content_hash")
	file = {"content_hash": "h", "attached_to_name": "X", "is_private": 0}
	put("File", file_url="/files/a", attached_to_doctype="Lead", **file)
	linked = put("File", file_url="/files/a", attached_to_doctype=LEAD, **file)
	other = put("File", file_url="/files/a", attached_to_doctype=LEAD, **{**file, "content_hash": "other"})
	own = put("File", file_url="/files/b", attached_to_doctype=LEAD, **file)
	put("File", file_url="/files/b", attached_to_doctype="Customer", **file)
	asked = [frappe._dict(name=name) for name in (linked, other, own)]
	assert move_undo.came_along("File", asked) == {linked}
	task = {"description": "Do it", "status": "Open", "allocated_to": "Administrator", "reference_name": "X"}
	put("ToDo", reference_type="Opportunity", creation="2023-05-06 10:00:00", **task)
	linked = put("ToDo", reference_type=DEAL, creation="2023-05-06 10:00:00", **task)
	own = put("ToDo", reference_type=DEAL, creation="2023-05-06 10:00:01", **task)
	asked = [frappe._dict(name=name) for name in (linked, own)]
	assert move_undo.came_along("ToDo", asked) == {linked}
	assert move_undo.came_along("ToDo", []) == move_undo.came_along("Comment", asked) == set()


def test_an_undo_takes_off_what_stands_around_a_record_and_nothing_of_others(old):
	def around(doctype: str, name: str, card: str) -> dict[str, str]:
		mail = put("Communication", subject="Mail", communication_type="Communication")
		contact = put("Contact", old.name(card), first_name=card)
		child("Dynamic Link", ("Contact", contact), "links", 1, link_doctype="Lead", link_name="L")
		return {
			"Communication Link": child("Communication Link", ("Communication", mail), "timeline_links", 1, link_doctype=doctype, link_name=name),
			"Dynamic Link": child("Dynamic Link", ("Contact", contact), "links", 2, link_doctype=doctype, link_name=name),
			"ToDo": put("ToDo", reference_type=doctype, reference_name=name, description="x"),
			"File": put("File", attached_to_doctype=doctype, attached_to_name=name, file_url="", file_name="x", is_folder=0),
		}  # fmt: skip

	gone, stays, other = around(DEAL, "D1", "A"), around(DEAL, "D2", "B"), around(LEAD, "D1", "C")
	quotations = {}
	for deal, kind in (("D1", DEAL), ("D2", DEAL), ("D1", "Sales Contract")):
		values = {"crm_source_type": kind, "crm_source_name": deal, "opportunity": "O", "quotation_to": "Customer"}
		quotations[deal, kind] = put("Quotation", old.name(f"{deal} {kind}"), **values)
	move_undo.unlink(DEAL, ["D1"])
	there = lambda found: [doctype for doctype, name in found.items() if frappe.db.exists(doctype, name)]  # noqa: E731
	assert (there(gone), there(stays), there(other)) == ([], list(stays), list(other))
	source = {key: frappe.db.get_value("Quotation", name, "crm_source_name") for key, name in quotations.items()}
	assert source == {("D1", DEAL): None, ("D2", DEAL): "D2", ("D1", "Sales Contract"): "D1"}


# ---- read


def test_agreements_with_others_are_told_beside_those_with_customers(old):
	said = lambda: [text.partition(":")[0] for text in erpnext_agreements.contract_notices()]  # noqa: E731
	frappe.db.delete("Contract")
	assert said() == []
	put("Contract", old.name("S"), party_type="Supplier", party_name="S")
	assert erpnext_agreements.contract_notices() == ["Contracts with suppliers and employees, which are not moved: 1."]
	put("Contract", old.name("C"), party_type="Customer", party_name="C")
	put("Contract", old.name("X"), party_type="Customer", party_name="C", docstatus=2)
	first, second = erpnext_agreements.contract_notices()
	assert first.startswith("Contracts with customers: 1.") and second.endswith("not moved: 1.")


def test_all_records_are_read_of_a_table_that_knows_no_companies(old, monkeypatch):
	lead = old.lead("Ann", company="Another Company")
	reader = ErpnextRows(Words(old.world.company))
	assert lead not in reader.own("Lead")
	monkeypatch.setattr(old_tables, "first_column", lambda doctype, *names: None)
	assert lead in reader.own("Lead")


def test_a_table_is_counted_by_records_and_says_how_far_it_is(site, monkeypatch):
	from crm_pipeline.importer.moving_in import system_table

	monkeypatch.setattr(system_table, "OFTEN", 2)
	found = [
		{"external_id": "A", "title": "T" * 150, "amount": 5.0, "is_closed": True},
		{"external_id": "A", "title": " x ", "product": "P", "is_closed": True},
		{"external_id": "B", "is_closed": True, "closed_on": "2024-05-01"},
		{"external_id": "C", "is_closed": False},
		{"external_id": "D"},
	]
	table = SystemTable("opportunities", "Deals", SimpleNamespace(opportunities=lambda: iter(found)), Mapping(files={}))
	assert (table.file, table.spec.several_rows, table.count, table.records) == ("Deals", True, 0, 0)
	seen = []
	table.watch = seen.append
	for _reading in range(2):
		read = list(table)
		assert (table.count, table.records, table.without_day) == (5, 4, 1)
	assert seen == [2, 4, 2, 4]
	assert [row.line for row in read] == [1, 2, 3, 4, 5]
	assert read[0].values == {"external_id": "A", "title": "T" * 140, "amount": "5"}
	assert read[1].values == {"external_id": "A", "title": "x", "product": "P"} and len(read[0].cells) == len(
		table.header
	)
	leads = SystemTable("leads", "Leads", SimpleNamespace(leads=lambda: iter(())), Mapping(files={}))
	assert not leads.spec.several_rows and list(leads) == []


def test_a_record_that_was_deleted_here_comes_again(old):
	lead = old.lead("Ann")
	moved(old)
	frappe.delete_doc(LEAD, record(lead).name, **HOST.by_force)
	doc = moved(old)
	assert record(lead) and (doc.rows_stored, doc.rows_already) == (1, 0)


def test_records_of_all_kinds_are_counted_and_those_of_other_companies_beside_them(old):
	doc = frappe._dict(import_from="ERPNext's CRM", company=old.world.company)
	others, every = move_run._of_others(doc), import_check._records_there(doc)
	for key in ("A", "B"):
		old.lead(key, company="Another Company")
		put("Prospect", old.name(f"P {key}"), company="Another Company")
	old.deal("D", "Lead", "L", company="Another Company")
	old.lead("Mine")
	old.lead("Nobody's", company="")
	assert move_run._of_others(doc) - others == 5
	assert import_check._records_there(doc) - every == 7
