"""Small rules of the chain: passages that are mended, kinds that are renamed, sources, rows, what is locked and how often."""

import frappe
import pytest

from crm_pipeline.chain import (
	carry,
	clean_html,
	passages,
	reference,
	rights,
	row_changes,
	row_links,
	sources,
	standard_kinds,
)
from tests.site import rows
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

OPPORTUNITY, PASSAGE = "Sales Opportunity", "Stage Passage"


# ---- passages


def stored(deal: str) -> list[tuple]:
	return [
		(row.stage, row.visits, row.seconds, row.went_to)
		for row in frappe.get_all(
			PASSAGE,
			filters={"reference_name": deal},
			fields=["stage", "visits", "seconds", "went_to"],
			order_by="first_entered asc, stage asc",
		)
	]


@pytest.fixture
def moved(sale):
	"""A deal that went on one stage, and what is stored of it."""
	deal = sale.opportunity()
	other = frappe.get_all("Pipeline Stage", filters={"pipeline": deal.pipeline, "stage_type": "Open"}, order_by="position asc", pluck="name")  # fmt: skip
	deal.stage = next(stage for stage in other if stage != deal.stage)
	deal.save()
	return deal


def test_passages_that_are_gone_too_many_or_wrong_are_mended_from_the_ledger(moved):
	right, gaps = stored(moved.name), {"method": ("like", "%has gaps%")}
	told = frappe.db.count("Error Log", gaps)
	assert len(right) == 2 and right[0][3] == moved.stage
	assert passages.mend_chunk(OPPORTUNITY, "") == 0, "nothing to mend"
	frappe.db.delete(PASSAGE, {"reference_name": moved.name, "stage": moved.stage})
	assert passages.mend_chunk(OPPORTUNITY, "") == 1
	assert stored(moved.name) == right
	frappe.db.set_value(PASSAGE, {"reference_name": moved.name, "stage": moved.stage}, "visits", 7)
	extra = {"reference_doctype": OPPORTUNITY, "reference_name": moved.name, "docstatus": 0}
	assert passages.mend_chunk(OPPORTUNITY, "") == 1
	assert stored(moved.name) == right
	for stage in ("Nowhere", moved.stage):
		rows.row(PASSAGE, stage=stage, visits=1, **extra)
		assert passages.mend_chunk(OPPORTUNITY, "") == 1, "one too many"
		assert stored(moved.name) == right
	assert frappe.db.count("Error Log", gaps) == told


def test_passages_of_a_deal_that_is_gone_go_too(moved):
	extra = {"reference_doctype": OPPORTUNITY, "stage": moved.stage, "visits": 1, "docstatus": 0}
	for name in ("OPP-0000-gone", "zzz-gone"):
		rows.row(PASSAGE, reference_name=name, **extra)
	other = rows.row(PASSAGE, **{**extra, "reference_doctype": "Sales Project"}, reference_name="OPP-0000-gone")
	assert passages.mend_chunk(OPPORTUNITY, "OPP-0000-gone") == 1, "only those after the name"
	assert not stored("zzz-gone") and len(stored("OPP-0000-gone")) == 2
	assert passages.mend_chunk(OPPORTUNITY, "") == 1
	assert len(stored("OPP-0000-gone")) == 1 and frappe.db.exists(PASSAGE, other)
	assert passages.mend_chunk("Sales Project", "") == 1
	assert not frappe.db.exists(PASSAGE, other)


def test_a_chunk_leaves_what_stands_after_it_to_the_next(sale, monkeypatch):
	monkeypatch.setattr(passages, "CHUNK", 2)
	deals = sorted(sale.opportunity().name for _n in range(3))
	first, second = passages.chunks(None)[:2]
	names = frappe.get_all(OPPORTUNITY, pluck="name", order_by="name asc", limit=0)
	assert first == (OPPORTUNITY, "") and second == (OPPORTUNITY, names[1])
	found = passages.chunks(None)
	assert found[-1][0] == "Sales Project" and found == sorted(found)
	assert passages.chunks([OPPORTUNITY, names[1]]) == [chunk for chunk in found if chunk > (OPPORTUNITY, names[1])]
	assert passages.chunks(["Sales Project", "zzz"]) == []
	last = names.index(deals[-1])
	before = names[last - 1]
	for name in deals:
		frappe.db.delete(PASSAGE, {"reference_name": name})
	assert passages.mend_chunk(OPPORTUNITY, before) == 1
	assert stored(deals[-1]) and not stored(deals[0])
	rows.row(PASSAGE, reference_doctype=OPPORTUNITY, reference_name="zzz-gone", stage="X", visits=1, docstatus=0)
	assert passages.mend_chunk(OPPORTUNITY, names[0]) + passages.mend_chunk(OPPORTUNITY, "") == 2
	assert stored("zzz-gone"), "that is after both chunks"


def test_a_ledger_that_does_not_add_up_is_told_once_with_the_deal(moved):
	created = frappe.db.get_value("Pipeline Event", {"reference_name": moved.name, "kind": "Created"})
	frappe.db.delete("Pipeline Event", {"name": created})
	frappe.db.delete(PASSAGE, {"reference_name": moved.name})
	about = {"method": "CRM Pipeline: the ledger of 1 deals has gaps", "error": ("like", f"%{moved.name}: %")}
	before = frappe.db.count("Error Log", about)
	passages.mend_chunk(OPPORTUNITY, "")
	passages.mend_chunk(OPPORTUNITY, "")
	assert frappe.db.count("Error Log", about) == before + 1


def test_all_passages_are_compared_every_day(moved):
	frappe.db.delete(PASSAGE, {"reference_name": moved.name})
	assert passages.reconcile() == 1
	assert len(stored(moved.name)) == 2


@pytest.mark.parametrize("doctype", [PASSAGE, "Forecast Snapshot"])
def test_what_the_app_keeps_for_figures_is_changed_and_deleted_by_nobody(moved, doctype):
	name = frappe.db.get_value(PASSAGE, {"reference_name": moved.name})
	if doctype != PASSAGE:
		name = rows.row(doctype, docstatus=0, company=moved.company, taken_on="2026-01-01", document_type=OPPORTUNITY)
	doc = frappe.get_doc(doctype, name)
	with refused(frappe.PermissionError, match="can't be changed"):
		doc.validate()
	with refused(frappe.PermissionError, match="can't be deleted"):
		doc.on_trash()


# ---- kinds that the app knows by a key

CHANNEL = "Sales Channel"


def channel(key: str) -> str:
	return standard_kinds.name_of(CHANNEL, key)


def test_a_standard_kind_is_made_once_and_takes_the_key_of_one_that_is_called_so(site):
	(first, called), (second, other) = list(standard_kinds.STANDARD[CHANNEL].items())[:2]
	frappe.db.set_value(CHANNEL, channel(first), {"name": called, "standard_key": None})
	frappe.db.delete(CHANNEL, {"standard_key": second})
	if not frappe.db.exists(CHANNEL, called):
		rows.row(CHANNEL, name=called, channel=called, docstatus=0)
	standard_kinds.make_standard(CHANNEL)
	assert (channel(first), channel(second)) == (called, other)
	count = frappe.db.count(CHANNEL)
	standard_kinds.make_standard(CHANNEL)
	assert frappe.db.count(CHANNEL) == count


def test_a_standard_kind_hands_on_its_key_when_it_is_merged_into_another_record(site):
	first, second = list(standard_kinds.STANDARD[CHANNEL])[:2]
	own = rows.row(CHANNEL, name="Harbour Radio", docstatus=0)
	standard, name = frappe.get_doc(CHANNEL, channel(first)), channel(first)
	standard.before_rename(name, own)
	assert channel(first) == name, "a mere rename keeps it"
	frappe.get_doc(CHANNEL, own).before_rename(own, name, merge=True)
	assert channel(first) == name, "a record without a key hands nothing on"
	with refused(match=f"{own}|{name}.*can't be merged"):
		standard.before_rename(name, channel(second), merge=True)
	standard.before_rename(name, own, merge=True)
	assert channel(first) == own
	with refused(match="is a standard record and can't be deleted"):
		frappe.get_doc(CHANNEL, own).on_trash()


# ---- what activities are about


@pytest.mark.parametrize("half", ["reference_doctype", "reference_name"])
def test_an_activity_is_about_a_document_or_about_none(sale, half):
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	with refused(match="belong together"):
		reference.follow(frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", half: about[half]}))
	doc = frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "customer": "Other", **about})
	reference.follow(doc)
	assert (doc.customer, doc.company, doc.prospect) == (deal.customer, deal.company, None)


def test_what_is_about_a_customer_or_its_quotation_is_the_customer_s(world):
	quoted = {"docstatus": 0, "company": world.company, "party_name": world.customer}
	offer = rows.row("Quotation", quotation_to="Customer", **quoted)
	foreign = rows.row("Quotation", quotation_to="Lead", **quoted)
	found = []
	for doctype, name in (("Customer", world.customer), ("Quotation", offer), ("Quotation", foreign)):
		doc = frappe.get_doc({"doctype": "Sales Memo", "reference_doctype": doctype, "reference_name": name})
		reference.follow(doc)
		found.append(doc.customer)
	assert found == [world.customer, world.customer, None]


@pytest.mark.parametrize("may", [True, False])
def test_the_next_step_of_an_activity_becomes_the_deal_s_where_the_user_may_change_it(sale, as_user, may):
	deal = sale.opportunity()
	as_user("rep" if may else "stranger")
	activity = frappe._dict(
		status="Done", next_step="Send the drawing", next_step_date="2030-02-01", reference_doctype=deal.doctype,
		reference_name=deal.name,
	)  # fmt: skip
	frappe.clear_messages()
	reference.pass_on_next_step(activity)
	deal.reload()
	assert deal.next_step == ("Send the drawing" if may else None)
	assert ("stays as it is" in str(frappe.local.message_log)) is not may


@pytest.mark.parametrize(
	"change",
	[{"status": "Planned"}, {"next_step": None}, {"reference_doctype": "Sales Lead"}, {"deal": "Lost"}],
)
def test_a_next_step_of_anything_else_changes_no_deal(sale, change):
	deal = sale.opportunity()
	if "deal" in change:
		frappe.db.set_value(deal.doctype, deal.name, "status", change["deal"])
	values = {"status": "Done", "next_step": "Call", "next_step_date": None, "reference_doctype": deal.doctype}
	reference.pass_on_next_step(frappe._dict({**values, "reference_name": deal.name, **change}))
	assert not frappe.db.get_value(deal.doctype, deal.name, "next_step")


# ---- sources


def test_what_came_from_a_cancelled_or_missing_document_is_refused_unless_it_was_submitted_before(sale, world):
	contract = sale.contract()
	about = {"crm_source_type": contract.doctype, "crm_source_name": contract.name}
	order = frappe.get_doc("Sales Order", rows.order(world, 100, docstatus=0, **about))
	sources.validate(order)
	frappe.db.set_value(contract.doctype, contract.name, "docstatus", 2)
	with refused(frappe.CancelledLinkError, match=f"Sales Contract .*{contract.name}.* is cancelled"):
		sources.validate(order)
	frappe.db.set_value("Sales Order", order.name, "docstatus", 1)
	order.load_doc_before_save()
	sources.validate(order)
	before = order.get_doc_before_save()
	assert before.docstatus == 1
	for history in (True, False):
		lead = frappe.get_doc({"doctype": OPPORTUNITY, "source_type": "Sales Lead", "source_name": "LEAD-nowhere"})
		lead.flags.history_import = history
		if history:
			with refused(frappe.LinkValidationError, match="Sales Lead .*LEAD-nowhere.* does not exist"):
				sources.validate(lead)
		else:
			with refused(frappe.PermissionError, match="LEAD-nowhere.* does not exist, or you have no right"):
				sources.validate(lead)


# ---- what is made of a document


def test_who_only_holds_the_key_of_a_conversion_was_not_made_by_it(sale, world):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	key = carry.key_of(lead)
	frappe.db.set_value(deal.doctype, deal.name, "conversion_key", key)
	assert carry.made_of(lead, OPPORTUNITY) == deal.name and carry.made_of(lead, "Sales Project") is None
	for wrong in ({"customer": "Other"}, {"source_name": "LEAD-other"}, {"source_type": "Sales Campaign"}):
		frappe.db.set_value(deal.doctype, deal.name, {"conversion_key": key, **wrong})
		assert carry.made_of(lead, OPPORTUNITY) is None, wrong
		assert frappe.db.get_value(deal.doctype, deal.name, "conversion_key") is None
		frappe.db.set_value(deal.doctype, deal.name, {f: deal.get(f) for f in wrong})


@pytest.mark.parametrize(
	("customer", "prospect", "found", "same"),
	[
		(("A", None), ("A", None), None, True),
		(("A", None), ("B", None), None, False),
		((None, "P"), (None, "P"), None, True),
		((None, "P"), (None, "Q"), None, False),
		(("A", "P"), (None, "Q"), None, False),
		(("A", None), (None, "Q"), None, True),
		((None, None), ("B", "Q"), None, True),
		((None, "P"), (None, None), None, True),
		(("A", "P"), (None, None), None, True),
		(("A", "P"), ("A", "Q"), None, True),
	],
)
def test_one_sale_is_about_one_party_as_far_as_both_sides_say(customer, prospect, found, same):
	made = frappe._dict(customer=customer[0], prospect=customer[1])
	source = frappe._dict(doctype="Sales Lead", customer=prospect[0], prospect=prospect[1])
	assert carry._same_party(made, source) is same
	offer = frappe._dict(doctype="Quotation", party_name=prospect[0], prospect=prospect[1], customer="never asked")
	assert carry._same_party(made, offer) is same


def test_memos_and_files_go_along_once_with_their_author_and_day(sale, as_user):
	lead, deal = sale.lead(), sale.opportunity()
	about = {"reference_doctype": lead.doctype, "reference_name": lead.name}
	memo = frappe.get_doc({"doctype": "Sales Memo", "subject": "Pier", "memo": "Deep water", "pinned": 1, **about}).insert()  # fmt: skip
	frappe.db.set_value("Sales Memo", memo.name, {"owner": "rep@crm-test.example", "creation": "2026-01-02 03:04:05"})
	for n in (1, 2):
		values = {
			"file_name": f"plan{n}.txt",
			"file_url": f"https://files.example/plan{n}.txt",
			"is_private": 1,
			"is_folder": 0,
		}
		rows.row("File", attached_to_doctype=lead.doctype, attached_to_name=lead.name, docstatus=0, **values)
	there = {"attached_to_doctype": deal.doctype, "attached_to_name": deal.name}
	rows.row("File", file_name="plan1.txt", file_url="https://files.example/plan1.txt", docstatus=0, **there)
	for _twice in range(2):
		carry.carry_attachments(lead, deal)
	of_deal = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	fields = ["subject", "memo", "pinned", "copied_from", "owner", "creation"]
	(copied,) = frappe.get_all("Sales Memo", filters=of_deal, fields=fields, order_by="creation asc")
	assert (copied.subject, copied.memo, copied.pinned, copied.copied_from) == ("Pier", "Deep water", 1, memo.name)
	assert (copied.owner, str(copied.creation)[:10]) == ("rep@crm-test.example", "2026-01-02")
	assert frappe.get_all("File", filters=there, pluck="file_name", order_by="file_name asc") == ["plan1.txt", "plan2.txt"]  # fmt: skip
	third = sale.opportunity()
	carry.carry_attachments(deal, third)
	assert frappe.db.get_value("Sales Memo", {"reference_name": third.name}, "copied_from") == memo.name


# ---- who may


def test_a_refusal_says_no_more_than_the_user_may_know(sale, as_user):
	deal = sale.opportunity()
	as_user("stranger")
	with refused(frappe.PermissionError, match="You have no right to .*Sales Opportunity"):
		rights.need(OPPORTUNITY)
	for name in (deal.name, "OPP-nowhere"):
		with refused(frappe.PermissionError, match=f"{name}.* does not exist, or you have no right to see it"):
			rights.need(OPPORTUNITY, name, "write")
	with refused(frappe.PermissionError, match="There is a Sales Opportunity already") as _error:
		rights.need_seen(deal.doctype, deal.name)
	as_user("finance")
	assert rights.has(OPPORTUNITY, deal.name) and not rights.has(OPPORTUNITY, deal.name, "write")
	with refused(frappe.PermissionError, match=f"You may read .*{deal.name}.* but have no right to change it"):
		rights.need(OPPORTUNITY, deal.name, "write")
	rights.need_seen(deal.doctype, deal.name)
	rights.need(OPPORTUNITY, deal.name)
	as_user("rep")
	rights.need(OPPORTUNITY, deal.name, "write")
	rights.need(OPPORTUNITY, None, "create")
	assert rights.has(OPPORTUNITY, deal.name, user="stranger@crm-test.example") is False


# ---- rows of a quotation


@pytest.mark.parametrize(
	("typed", "becomes"),
	[(0, 95), (100, 95), (110, 95), (95, 95), (120, 95), (77, 77)],
)
def test_a_row_whose_item_is_another_one_of_the_quotation_answers_for_that_row(sale, world, typed, becomes):
	offer = rows.row("Quotation", docstatus=1, company=world.company, party_name=world.customer)
	common = {"parent": offer, "parenttype": "Quotation", "parentfield": "items", "uom": "Nos", "conversion_factor": 1, "qty": 4}  # fmt: skip
	own = rows.row("Quotation Item", idx=1, item_code=world.pump, rate=100, price_list_rate=110, **common)
	other = rows.row("Quotation Item", idx=2, item_code=world.filter, rate=95, price_list_rate=120, is_alternative=1, discount_percentage=5, **common)  # fmt: skip
	contract = sale.contract(submit=False)
	contract.items[0].update({"item_code": world.filter, "quotation": offer, "quotation_item": own, "rate": typed})
	contract.items[1].update({"quotation": offer, "quotation_item": own})
	row_links.follow_items(contract)
	first, second = contract.items
	assert (first.quotation, first.quotation_item, first.rate) == (offer, other, becomes)
	assert (second.quotation, second.quotation_item) == (None, None), "that item is nowhere in it"
	if becomes == 95:
		assert (first.price_list_rate, first.discount_percentage) == (120, 5)
	first.item_code = world.pump
	first.quotation_item = own
	row_links.follow_items(contract)
	assert first.quotation_item == own, "its own item keeps its row"


# ---- currency of rows


@pytest.mark.parametrize(
	("row", "listed", "agreed", "expected"),
	[
		({"price_list_rate": 100, "rate": 90, "discount_percentage": 10}, 60, False, (60, 0)),
		({"price_list_rate": 100, "rate": 90, "discount_percentage": 10}, 60, True, (50, 0)),
		({"price_list_rate": 100, "rate": 80}, 60, False, (60, 48)),
		({"price_list_rate": 100, "rate": 80}, 0, False, (50, 40)),
		({"price_list_rate": 0, "rate": 80}, 60, False, (0, 40)),
	],
)
def test_a_row_costs_the_same_in_another_currency(sale, monkeypatch, row, listed, agreed, expected):
	deal = sale.opportunity()
	deal.conversion_rate = 2.0
	line = deal.items[0]
	line.update({"discount_percentage": 0, **row})
	monkeypatch.setattr(row_changes.prices, "list_price", lambda *args: {"price_list_rate": listed})
	monkeypatch.setattr(row_changes, "price_is_agreed", lambda row: agreed)
	row_changes._price_in_currency(deal, line, 1.0)
	assert (line.price_list_rate, line.rate) == expected


# ---- texts


@pytest.mark.parametrize(
	"doctype",
	["CRM Pipeline Settings", "Sales Activity", "Sales Memo", "Sales Lead", "Pipeline Stage", "Sales Competitor", "Sales Channel"],
)  # fmt: skip
def test_texts_that_hold_a_tag_are_cleaned_on_the_way_in(site, monkeypatch, doctype):
	monkeypatch.setattr(clean_html, "cleaned", lambda text: f"clean {text}")
	doc = frappe.new_doc(doctype)
	texts = [df.fieldname for df in doc.meta.fields if df.fieldtype in clean_html.TEXTS]
	numbers = [df.fieldname for df in doc.meta.fields if df.fieldtype not in clean_html.TEXTS and not df.options]
	doc.update({**dict.fromkeys(texts, "<b>x"), **dict.fromkeys(numbers, "<b>x")})
	clean_html.clean(doc)
	assert {doc.get(field) for field in texts} <= {"clean <b>x"} and "clean <b>x" not in {doc.get(f) for f in numbers}
	doc.update(dict.fromkeys(texts, "5 < 6 <"))
	clean_html.clean(doc)
	assert {doc.get(field) for field in texts} <= {"5 < 6 <"}, "that is no tag"
	assert [clean_html.copied(text) for text in ("a <i>", "a < b", "", None)] == ["clean a <i>", "a < b", "", None]


def test_texts_of_rows_are_cleaned_too(sale, monkeypatch):
	monkeypatch.setattr(clean_html, "cleaned", lambda text: "clean")
	deal = sale.opportunity(contacts=[{"contact_name": "Ines"}])
	deal.contacts[0].notes = "<script>"
	clean_html.clean(deal)
	assert (deal.contacts[0].notes, deal.contacts[0].contact_name) == ("clean", "Ines")


def test_a_row_is_read_and_changed_by_who_may_do_so_with_its_document(sale, as_user):
	as_user("other_rep")
	row = sale.opportunity().items[0]

	def may():
		return [row.has_permission(right) for right in ("read", "write")]

	as_user("rep")
	assert may() == [True, True]
	as_user("finance")
	assert may() == [True, False]
	as_user("stranger")
	assert may() == [False, False]
	set_apart()
	as_user("rep")
	assert may() == [False, False]
	row.flags.ignore_permissions = True
	assert may() == [True, True]


@pytest.mark.parametrize(
	"event", ["before_insert", "validate", "before_update_after_submit", "before_cancel", "on_trash"]
)
def test_whatever_is_done_to_a_row_alone_is_refused_but_by_the_app(sale, event):
	row = sale.opportunity().items[0]
	with refused(frappe.PermissionError, match="save the Sales Opportunity instead"):
		row.run_method(event)
	row.flags.ignore_permissions = True
	row.run_method(event)
