"""Who hears of what, and in whose name: the bell for moves of a document, help, and work that waits."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import ledger, pending
from crm_pipeline.coaching import help_requests, move_notices
from crm_pipeline.coaching.move_notices import Notice
from tests.site import rows
from tests.site.conftest import USERS

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
DEAL, REQUEST = "Sales Opportunity", "Sales Order Request"


def move(kind: str, to: str | None = None, note: str | None = None):
	return frappe._dict(kind=kind, to_value=to, note=note, by=OTHER)


def doc(doctype: str, **values):
	return frappe._dict({"doctype": doctype, "name": "X-1", "sales_owner": REP, "status": "Open", **values})


@pytest.mark.parametrize(
	("moved", "about", "expected"),
	[
		(move("Owner", REP), doc(DEAL), Notice("assignment", "given", (REP,))),
		(move("Owner", MANAGER), doc(DEAL), None),
		(move("Owner", REP), doc("Sales Contract"), Notice("assignment", "given", (REP,))),
		(move("Owner", REP), doc("Quotation"), None),
		(move("Created"), doc(DEAL), Notice("assignment", "given", (REP,))),
		(move("Created"), doc("Sales Project"), Notice("assignment", "given", (REP,))),
		(move("Created"), doc("Sales Lead"), Notice("assignment", "given", (REP,))),
		(move("Created"), doc("Sales Contract"), None),
		(move("Stage"), doc(DEAL, status="Won"), Notice("win", "won", (REP, MANAGER))),
		(move("State"), doc(DEAL, status="Won"), Notice("win", "won", (REP, MANAGER))),
		(move("Stage"), doc(DEAL, status="Lost", lost_reason="Price"), Notice("loss", "lost", (REP, MANAGER), "Price")),
		(move("Stage"), doc(DEAL), None),
		(move("Amount"), doc(DEAL, status="Won"), None),
		(move("State"), doc("Sales Contract", status="Won"), None),
		(
			move("Hand-off", "Requested"),
			doc(REQUEST, instructions="Ship by sea"),
			Notice("hand_off", "requested", (DESK, "second"), "Ship by sea"),
		),
		(
			move("Hand-off", "Returned", "Too cheap"),
			doc(REQUEST, requested_by=OTHER),
			Notice("return", "returned", (REP, OTHER), "Too cheap"),
		),
		(
			move("Hand-off", "Accepted", "SO-1"),
			doc(REQUEST, requested_by=OTHER),
			Notice("hand_off", "accepted", (REP, OTHER)),
		),
		(move("Hand-off", "Cancelled"), doc(REQUEST), None),
		(move("Hand-off", "Requested"), doc(DEAL), None),
	],
)
def test_a_move_is_told_to_whom_it_concerns(monkeypatch, moved, about, expected):
	monkeypatch.setattr(move_notices, "_order_desk", lambda: [DESK, "second"])
	monkeypatch.setattr(help_requests, "manager_of", lambda deal, asking: MANAGER if asking == OTHER else None)
	assert move_notices.notice_of(moved, about) == expected


def test_the_order_desk_is_everybody_with_its_role_but_the_administrator(site):
	rows.row("Has Role", docstatus=0, parent="Administrator", parenttype="User", parentfield="roles", role="Order Desk")
	rows.row("Has Role", docstatus=0, parent="A profile", parenttype="Role Profile", role="Order Desk")
	found = move_notices._order_desk()
	assert DESK in found and not {"Administrator", "A profile", REP} & set(found)


@pytest.mark.parametrize(("switch", "wanted"), [(None, True), (1, True), (0, False)])
def test_the_bell_rings_until_somebody_switches_it_off(monkeypatch, switch, wanted):
	asked = []
	monkeypatch.setattr(frappe.db, "get_value", lambda *about: asked.append(about) or switch)
	assert move_notices.wants(REP, "win") is wanted
	assert asked == [("Notification Settings", REP, "crm_notify_win")]


def test_a_notice_says_who_did_it_and_to_what(sale, monkeypatch):
	deal, sent = sale.opportunity(sales_owner=REP), []
	monkeypatch.setattr(move_notices, "enqueue_create_notification", lambda users, notice: sent.append((users, notice)))
	monkeypatch.setattr(move_notices, "recipients", lambda notice, doc, by: [u for u in notice.users if u])
	event = ledger.record(deal, "Owner", OTHER, REP)
	frappe.db.set_value("Pipeline Event", event, "by", MANAGER)
	move_notices.send(event)
	[(users, notice)] = sent
	assert users == [REP] and (notice["document_type"], notice["document_name"]) == (deal.doctype, deal.name)
	assert deal.title in notice["subject"] and frappe.utils.get_fullname(MANAGER) in notice["subject"]
	assert (notice["from_user"], notice["type"], notice["email_content"]) == (MANAGER, "Alert", "")
	move_notices._notify(REP, Notice("loss", "lost", (), "<b>Price</b>"), deal, MANAGER)
	assert sent[1][1]["email_content"] == "&lt;b&gt;Price&lt;/b&gt;"
	frappe.db.set_value("Pipeline Event", event, "reference_name", "gone")
	move_notices.send(event)
	move_notices.send("gone")
	assert len(sent) == 2, "of what is gone nobody hears"


@pytest.mark.parametrize(
	("kind", "values", "told"),
	[
		("Created", {"sales_owner": REP}, True),
		("Created", {"sales_owner": OTHER}, False),
		("Created", {"sales_owner": None}, False),
		("Owner", {"sales_owner": OTHER}, True),
		("Hand-off", {"doctype": REQUEST}, True),
		("Stage", {"status": "Won"}, True),
		("State", {"status": "Lost"}, True),
		("Stage", {}, False),
		("State", {"doctype": "Sales Contract", "status": "Won"}, False),
		("Amount", {"status": "Won"}, False),
		("Owner", {"flags": frappe._dict(history_import=True)}, False),
	],
)
def test_who_does_something_for_themselves_is_not_told(monkeypatch, kind, values, told):
	noted = []
	monkeypatch.setattr(pending, "note", lambda *about, **how: noted.append((about, how)))
	about = doc(**{"doctype": DEAL, "sales_owner": None, "flags": frappe._dict(), **values})
	ledger._notify_of(frappe._dict(kind=kind, name="E-1", by=OTHER), about)
	assert noted == ([(("Pipeline Event", "E-1", pending.MOVE), {"event": "E-1"})] if told else [])


def test_a_notice_that_waited_is_sent_in_the_name_of_whoever_caused_it(site, monkeypatch):
	did, others = [], frappe.get_attr
	sender = lambda **given: did.append((frappe.session.user, given))  # noqa: E731
	monkeypatch.setattr(
		frappe, "get_attr", lambda path: sender if path == pending.NOTICES[pending.HELP] else others(path)
	)
	row = frappe._dict(what=pending.HELP, owner=REP, arguments='{"request": "H-1"}')
	pending._notify(row)
	assert did == [(REP, {"request": "H-1"})] and frappe.session.user == "Administrator"
	row.arguments = None
	pending._notify(row)
	assert did[1] == (REP, {})


def test_what_is_noted_while_the_work_is_done_waits_for_its_turn(site, monkeypatch):
	frappe.db.delete(pending.DOCTYPE, {"name": ("is", "set")})
	note = lambda what: pending.note("Sales Order", "SO-1", what)  # noqa: E731
	others = frappe.get_attr
	did = []

	def work(*about):
		did.append(about)
		note(pending.CONTRACT)

	catch_up = "crm_pipeline.overrides.catch_up.document"
	monkeypatch.setattr(frappe, "get_attr", lambda path: work if path == catch_up else others(path))
	note(pending.AMOUNTS)
	assert pending.do("Sales Order", "SO-1") and did == [("Sales Order", "SO-1", pending.AMOUNTS)]
	left = frappe.get_all(pending.DOCTYPE, filters={"document": "SO-1"}, pluck="what", order_by="creation asc")
	assert left == [pending.CONTRACT]


def test_help_is_called_for_at_a_control_point_that_somebody_enters_and_once(sale, as_user, monkeypatch):
	asked = []
	monkeypatch.setattr(help_requests, "ask", lambda *about, **how: asked.append((about, how)))
	monkeypatch.setattr(help_requests, "_is_wanted", lambda deal: True)
	deal = sale.opportunity()
	frappe.db.set_value("Pipeline Stage", deal.stage, {"is_control_point": 1, "control_question": "How low?"})
	entered = SimpleNamespace(stage="Another")
	for before, imported, calls in ((entered, False, 1), (deal, False, 0), (None, False, 1), (entered, True, 0)):
		asked.clear()
		deal._doc_before_save, deal.flags.history_import = before, imported
		help_requests.call_at_control_point(deal)
		assert len(asked) == calls, (before, imported)
	asked.clear()
	deal._doc_before_save, deal.flags.history_import = entered, False
	help_requests.call_at_control_point(deal)
	assert asked == [((deal.doctype, deal.name, "Advice", "How low?"), {"control_point": True})]
