"""Nothing leaves with a leaver: prepared, looked at, done once, and gone on with where it was stopped."""

# ruff: noqa: F811 (what a test asks for has the name of its fixture)
import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.chain import pending
from crm_pipeline.handovers import handing_over
from tests.site.billing import invoice
from tests.site.conftest import USERS
from tests.site.portable.test_handovers import ALL, DESK, MANAGER, OTHER, REP, away, done, held, owner_of, prepared, run  # noqa: F401
from tests.site.world import customer, history, refused


def test_everything_goes_to_the_new_owner_with_its_history_and_one_notice(held, as_user, monkeypatch):
	as_user("Administrator")
	doc = prepared(OTHER)
	assert {(row.document_type, row.document) for row in doc.items} >= {
		(one.doctype, one.name) for one in held.values()
	}
	assert {row.to_user for row in doc.items} == {OTHER} and doc.status == "Prepared" and doc.total == len(doc.items)
	assert owner_of(held.deal) == REP
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	doc = done(doc)
	states = {(row.document_type, row.state, row.message) for row in doc.items if row.state != "Done"}
	assert states == set() and (doc.status, doc.done, doc.refused) == ("Done", doc.total, 0)
	for one in (held.lead, held.deal, held.contract, held.request, held.activity, held.promise, held.case):
		assert owner_of(one) == OTHER, one.doctype
	assert owner_of(held.case, "responsible") == OTHER and owner_of(held.customer, "account_manager") == OTHER
	assert owner_of(held.todo, "allocated_to") == OTHER
	for one in (
		held.lead,
		held.deal,
		held.contract,
		held.request,
		held.activity,
		held.promise,
		held.case,
		held.customer,
	):
		assert ("Owner", REP, OTHER) in history(one.doctype, one.name), one.doctype
	notes = frappe.get_all("Pending Update", fields=["what", "document"], order_by="creation asc")
	assert [row.what for row in notes if "Notice" in row.what] == ["Handover Notice"]
	pending.do("Sales Handover", doc.name)
	bells = {"for_user": OTHER, "document_type": "Sales Handover", "document_name": doc.name}
	assert frappe.db.count("Notification Log", bells) == 1
	assert run().done == 0


def test_who_left_already_is_handed_over_all_the_same_with_a_signed_contract(held):
	frappe.db.set_value("User", REP, "enabled", 0)
	doc = done(prepared(OTHER))
	assert (doc.done, doc.refused) == (doc.total, 0)
	held.contract.reload()
	assert (held.contract.docstatus, held.contract.sales_owner) == (1, OTHER)


def test_who_has_no_right_gets_nothing(held):
	with refused(match="no right to read"):
		prepared(USERS["stranger"][0])
	doc = prepared(OTHER)
	for name in (held.customer.name, customer(f"Else {doc.name}")):
		frappe.get_doc({"doctype": "User Permission", "user": OTHER, "allow": "Customer", "for_value": name}).insert()
	doc = done(doc)
	states = {row.document: row.state for row in doc.items}
	assert states[held.deal.name] == "Refused" and states[held.customer.name] == "Done"
	assert owner_of(held.deal) == REP and doc.refused > 0
	frappe.db.delete("User Permission", {"user": OTHER})
	frappe.clear_cache(user=OTHER)
	doc = done(doc)
	assert owner_of(held.deal) == OTHER and doc.refused == 0


def test_twice_at_once_is_one(held):
	doc, second = prepared(OTHER), prepared(MANAGER)
	api.start_handover(doc.name)
	with refused(match="is running"):
		api.start_handover(doc.name)
	with refused(match="is running"):
		api.prepare_handover(doc.name)
	with refused(match="Another handover"):
		api.start_handover(second.name)
	doc.reload()
	doc.note = "Again"
	with refused(match="is running"):
		doc.save()
	run()
	api.start_handover(second.name)
	run()
	second.reload()
	assert {row.state for row in second.items} == {"Skipped"} and owner_of(held.deal) == OTHER


def test_a_killed_handover_goes_on_and_does_nothing_twice(held, monkeypatch):
	doc = prepared(OTHER)
	api.start_handover(doc.name)
	real, seen = handing_over._give, []

	def killed(item, from_user):
		if len(seen) == 3:
			raise frappe.QueryTimeoutError("killed")
		seen.append(item.document)
		return real(item, from_user)

	monkeypatch.setattr(handing_over, "_give", killed)
	for record in handing_over.to_do():
		try:
			handing_over.do(*record)
		except frappe.QueryTimeoutError:
			break
	assert handing_over.progress(doc.name)["done"] == 3
	monkeypatch.setattr(handing_over, "_give", lambda item, who: (seen.append(item.document), real(item, who))[1])
	run()
	doc.reload()
	assert len(seen) == len(set(seen)) == doc.total and doc.done == doc.total
	assert len([row for row in history(held.deal.doctype, held.deal.name) if row[0] == "Owner"]) == 1


@pytest.fixture
def shared_out(held):
	"""A handover that gives the lead to OTHER and the deal to somebody else."""
	doc = prepared(OTHER, **{f"with_{kind}": int(kind in ("leads", "deals")) for kind in ALL})
	doc.items = [row for row in doc.items if row.document in (held.lead.name, held.deal.name)]
	next(row for row in doc.items if row.document == held.deal.name).to_user = MANAGER
	doc.save()
	return doc


def rows_sent(doc) -> list[set[str]]:
	"""The documents in what the form, the API (both ways) and lists of rows tell the user."""
	from frappe.api.v1 import read_doc
	from frappe.desk.form.load import getdoc

	frappe.local.response = frappe._dict(docs=[])
	getdoc(doc.doctype, doc.name)
	ways = [
		frappe.local.response.docs[0].as_dict()["items"],
		read_doc(doc.doctype, doc.name).as_dict()["items"],
		frappe.client.get(doc.doctype, doc.name)["items"],
		frappe.get_list(
			"Sales Handover Item",
			filters={"parent": doc.name},
			fields=["document"],
			parent_doctype=doc.doctype,
			order_by="idx asc",
		),
	]
	return [{row["document"] for row in rows} for rows in ways]


def test_a_receiver_gets_the_names_of_what_comes_to_them_and_no_others(shared_out, held, as_user):
	every, doc = {held.lead.name, held.deal.name}, shared_out
	for who, sees in (("other_rep", {held.lead.name}), ("rep", every), ("manager", every)):
		as_user(who)
		*opened, listed = rows_sent(doc)
		assert opened == [sees] * 3, who
		# On 16 a list of rows asks for the handover in its list too, where one with rows of others is not shown.
		assert listed in (sees, set() if who == "other_rep" else sees), who
		alone = {row.document for row in doc.items if frappe.get_doc(row.doctype, row.name).has_permission("read")}
		assert alone == sees
	as_user("other_rep")
	joined = frappe.get_list(
		doc.doctype, filters={"name": doc.name}, fields=["items.document"], order_by="`tabSales Handover`.name asc"
	)
	assert joined == [], "a list joins every row of a handover"
	printed = frappe.get_print(doc.doctype, doc.name, doc=frappe.get_doc(doc.doctype, doc.name))
	assert held.lead.name in printed and held.deal.name not in printed
	opened = frappe.get_doc(doc.doctype, doc.name)
	opened.apply_fieldlevel_read_permissions()
	with refused(frappe.PermissionError):
		opened.save()
	as_user("desk")
	assert not frappe.get_list("Sales Handover Item", filters={"parent": doc.name}, parent_doctype=doc.doctype, order_by="idx asc")  # fmt: skip
	as_user("Administrator")
	assert {row.document for row in frappe.get_doc(doc.doctype, doc.name).items} == every


def test_the_log_of_a_handover_is_silent_on_the_names_of_rows_that_are_gone(shared_out, held):
	def log() -> str:
		filters = {"ref_doctype": shared_out.doctype, "docname": shared_out.name}
		return " ".join(frappe.get_all("Version", filters=filters, pluck="data", order_by="creation asc"))

	shared_out.items[0].to_user = DESK
	shared_out.items = shared_out.items[:1]
	shared_out.save(ignore_version=False)
	assert DESK in log()
	shared_out.rule = "Even Load"
	shared_out.save(ignore_version=False)
	assert shared_out.items == [] and "Even Load" in log()
	assert not [name for name in (held.lead.name, held.deal.name) if name in log()]


def test_notices_questions_and_promises_reach_the_deputy(sale, world, as_user):
	from crm_pipeline.coaching import move_notices

	away()
	deal = sale.opportunity(sales_owner=REP)
	notice = move_notices.Notice(move_notices.ASSIGNMENT, "given", (REP,))
	assert set(move_notices.recipients(notice, deal, "Administrator")) == {REP, OTHER}
	bill = invoice(world, 3, 90, who=customer(f"Mine {world.tag}", account_manager=REP))
	promise = frappe.get_doc(
		{"doctype": "Promise to Pay", "sales_invoice": bill.name, "promised_on": nowdate(), "amount": 90}
	).insert()
	assert frappe.get_doc(promise.doctype, promise.name).deputy == OTHER


def test_an_agreed_next_step_is_planned_for_the_new_owner_and_the_call_stays_with_who_made_it(sale, as_user):
	as_user("rep")
	about = {"reference_doctype": "Customer", "reference_name": sale.world.customer}
	agreed = {"status": "Done", "next_step": "Send the drawing", "next_step_date": nowdate()}
	call = frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", **about, **agreed}).insert()
	over = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Old", **about, **agreed, "next_step_done": 1}
	).insert()
	as_user("Administrator")
	doc = prepared(OTHER)
	assert call.name in [row.document for row in doc.items] and over.name not in [row.document for row in doc.items]
	doc = done(doc)
	assert [(row.state, row.message) for row in doc.items if row.document == call.name] == [("Done", None)]
	call.reload()
	assert (call.sales_owner, call.status, call.next_step_done) == (REP, "Done", 1)
	[step] = frappe.get_all(
		"Sales Activity", {"sales_owner": OTHER, "subject": "Send the drawing"}, ["name", "status", "customer"]
	)
	assert (step.status, step.customer) == ("Planned", sale.world.customer)
	assert ("Owner", REP, OTHER) in history("Sales Activity", step.name)
	as_user("other_rep")
	assert step.name in str(api.get_my_day()["sections"])
