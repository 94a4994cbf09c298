"""Who is told of a move of a deal, a request or a lead, in which words, and who is not."""

import frappe
import pytest
from frappe.utils import add_days, nowdate, strip_html

from crm_pipeline.coaching import move_notices
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.rows import bare_deal, row
from tests.site.world import without_right

REP, OTHER, MANAGER, DESK, FINANCE = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk", "finance"))
DEAL, LEAD, REQUEST = "Sales Opportunity", "Sales Lead", "Sales Order Request"


@pytest.fixture(autouse=True)
def all_want_notices(site, monkeypatch):
	HOST.without_mail(monkeypatch)
	wanted = {f"crm_notify_{kind}": 1 for kind in move_notices.KINDS}
	frappe.db.set_value("Notification Settings", {"name": ("in", (REP, OTHER, MANAGER, DESK, FINANCE))}, wanted)


def move(doctype: str, name: str, kind: str, to: str | None = None, by: str = OTHER, **values) -> str:
	about = {"reference_doctype": doctype, "reference_name": name}
	return row(
		"Pipeline Event", kind=kind, to_value=to, by=by, at=f"{nowdate()} 09:00:00", docstatus=0, **about, **values
	)


def told(name: str) -> list[tuple]:
	"""(who, what the bell says) of the notices about a document."""
	rows = frappe.get_all(
		"Notification Log",
		filters={"document_name": name},
		fields=["for_user", "subject"],
		order_by="for_user asc, creation asc",
	)
	return [(one.for_user, strip_html(one.subject)) for one in rows]


def full(user: str) -> str:
	return frappe.utils.get_fullname(user)


def lead(world, **values) -> str:
	fixed = {"title": "Four pumps", "status": "New", "sales_owner": REP, "company": world.company, "docstatus": 0}
	return row(LEAD, name=f"L {frappe.generate_hash(length=6)} {world.tag}", **{**fixed, **values})


def test_a_new_owner_is_told_what_and_by_whom(world):
	name = lead(world)
	move_notices.send(move(LEAD, name, "Owner", REP))
	assert told(name) == [(REP, f"{full(OTHER)} gave you Sales Lead Four pumps")]
	[notice] = frappe.get_all(
		"Notification Log",
		filters={"document_name": name},
		fields=["type", "document_type", "from_user", "email_content"],
	)
	assert (notice.type, notice.document_type, notice.from_user, notice.email_content or "") == (
		"Alert",
		LEAD,
		OTHER,
		"",
	)
	many = lead(world)
	move_notices.send(move(LEAD, many, "Owner", REP), together=4)
	assert told(many) == [(REP, f"{full(OTHER)} gave you Sales Lead Four pumps and 3 more")]


def test_who_made_the_move_left_switched_it_off_or_may_not_read_it_is_not_told(world, monkeypatch):
	own, left, off, hidden, seen = (lead(world) for _again in range(5))
	move_notices.send(move(LEAD, own, "Owner", REP, by=REP))
	frappe.db.set_value("User", REP, "enabled", 0)
	move_notices.send(move(LEAD, left, "Owner", REP))
	frappe.db.set_value("User", REP, "enabled", 1)
	with monkeypatch.context() as patch:
		patch.setattr(move_notices, "wants", lambda user, kind: (user, kind) != (REP, "assignment"))
		move_notices.send(move(LEAD, off, "Owner", REP))
	with monkeypatch.context() as patch:
		without_right(patch, LEAD, "read")
		move_notices.send(move(LEAD, hidden, "Owner", REP))
	move_notices.send(move(LEAD, seen, "Owner", REP))
	assert [bool(told(name)) for name in (own, left, off, hidden, seen)] == [False, False, False, False, True]


def test_of_what_is_gone_and_of_what_is_no_news_nobody_is_told(world):
	name = lead(world)
	move_notices.send("No such event")
	move_notices.send(move(LEAD, "No such lead", "Owner", REP))
	for kind, to in (("Owner", OTHER), ("State", "Contacted"), ("Amount", "5"), ("Conversion", None)):
		move_notices.send(move(LEAD, name, kind, to))
	assert told(name) == []


@pytest.mark.parametrize("kind", ["Stage", "State"])
@pytest.mark.parametrize(("status", "said"), [("Won", "won"), ("Lost", "lost"), ("Open", None)])
def test_the_end_of_a_deal_is_told_to_its_owner_and_who_manages_them(world, monkeypatch, kind, status, said):
	monkeypatch.setattr(
		move_notices.help_requests, "manager_of", lambda deal, asking: MANAGER if asking == OTHER else None
	)
	reason = row("Sales Lost Reason", name=f"Price {world.tag}", reason=f"Price {world.tag}", docstatus=0)
	name = bare_deal(world, "D", title="Quay", sales_owner=REP, status=status, lost_reason=reason)
	move_notices.send(move(DEAL, name, kind, status))
	more = f": {reason}" if said == "lost" else ""
	wanted = [(user, f"{full(OTHER)} {said} Opportunity Quay{more}") for user in sorted((REP, MANAGER))]
	found = [(user, text.replace("Sales Opportunity", "Opportunity")) for user, text in told(name)]
	assert found == (wanted if said else [])


def request(world, **values) -> str:
	fixed = {
		"title": "Pumps",
		"status": "Requested",
		"customer": world.customer,
		"company": world.company,
		"sales_owner": REP,
	}
	return row(REQUEST, name=f"R {world.tag}", **{**fixed, "requested_by": OTHER, **values})


@pytest.mark.parametrize(
	("to", "users", "said"),
	[
		("Returned", (REP, OTHER), "returned Sales Order Request Pumps: No <i>price</i>"),
		("Accepted", (REP, OTHER), "accepted Sales Order Request Pumps"),
		("Cancelled", (), None),
	],
)
def test_what_came_of_a_request_is_told_to_its_owner_and_who_asked(world, to, users, said):
	name = request(world)
	move_notices.send(move(REQUEST, name, "Hand-off", to, by=DESK, note="No <i>price</i>"))
	rows = frappe.get_all(
		"Notification Log", filters={"document_name": name}, fields=["for_user", "subject"], order_by="for_user asc"
	)
	assert sorted(one.for_user for one in rows) == sorted(users)
	for one in rows:
		text = one.subject.replace("<strong>", "").replace("</strong>", "").replace("<b>", "").replace("</b>", "")
		assert text == f"{full(DESK)} {said}".replace("<i>", "&lt;i&gt;").replace("</i>", "&lt;/i&gt;")


def test_the_desk_is_asked_with_the_instructions(world):
	name = request(world, instructions="By Friday")
	move_notices.send(move(REQUEST, name, "Hand-off", "Requested", by=REP))
	found = dict(told(name))
	assert found[DESK] == f"{full(REP)} asks the order desk for Sales Order Request Pumps: By Friday"
	assert REP not in found and OTHER not in found and "Administrator" not in found


def test_who_stands_in_for_somebody_is_told_as_well(world):
	frappe.db.delete("Sales Absence")
	for user, deputy, first, last in ((REP, DESK, 0, 0), (REP, MANAGER, 1, 5), (REP, FINANCE, -5, -1)):
		dates = {"from_date": add_days(nowdate(), first), "to_date": add_days(nowdate(), last)}
		row("Sales Absence", user=user, deputy=deputy, docstatus=0, **dates)
	frappe.local.crm_pipeline_absences = None
	name = lead(world)
	move_notices.send(move(LEAD, name, "Owner", REP))
	assert [user for user, _text in told(name)] == sorted((REP, DESK))


def test_notices_are_wanted_until_they_are_switched_off(site, world):
	user = f"wants-{world.tag}@crm-test.example"
	assert all(move_notices.wants(user, kind) for kind in move_notices.KINDS)
	row("Notification Settings", name=user, crm_notify_win=0, crm_notify_loss=1, docstatus=0)
	assert (move_notices.wants(user, "win"), move_notices.wants(user, "loss")) == (False, True)
