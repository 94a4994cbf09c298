"""Nothing leaves with a leaver: prepared, looked at, done once, and gone on with where it was stopped."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.assignment import leads_to_give
from crm_pipeline.chain import jobs, ledger
from crm_pipeline.crm_customers.doctype.sales_handover_item import sales_handover_item
from crm_pipeline.crm_customers.report.owner_history import owner_history
from crm_pipeline.handovers import handing_over
from crm_pipeline.parties import absences, people
from tests.site import rows
from tests.site.billing import invoice
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer, refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
ALL = [field for field in ("customers", "prospects", "campaigns", "leads", "deals", "contracts", "requests", "activities", "cases", "promises", "assignments", "questions")]  # fmt: skip


def handover(*receivers, rule: str = "One Person", **values):
	rows = [row if isinstance(row, dict) else {"user": row} for row in receivers]
	return frappe.get_doc(
		{"doctype": "Sales Handover", "from_user": REP, "rule": rule, "receivers": rows, **values}
	).insert()


def prepared(*receivers, **values):
	doc = handover(*receivers, **values)
	api.prepare_handover(doc.name)
	return frappe.get_doc(doc.doctype, doc.name)


def run():
	"""What the worker does."""
	user = frappe.session.user
	frappe.set_user("Administrator")
	answer = jobs.run(handing_over.JOB)
	frappe.set_user(user)
	return answer


def done(doc):
	api.start_handover(doc.name)
	run()
	doc.reload()
	return doc


def owner_of(doc, field: str = "sales_owner") -> str:
	return frappe.db.get_value(doc.doctype, doc.name, field)


@pytest.fixture
def held(sale, world, as_user):
	"""One of each that REP holds."""
	as_user("rep")
	lead = sale.lead()
	deal = sale.opportunity()
	# What is sold stays with who sold it, and what is to be done for it goes.
	made = sale.contract()
	request = sale.request(made)
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "reference_doctype": deal.doctype, "reference_name": deal.name}
	).insert()
	as_user("Administrator")
	mine = customer(f"Mine {world.tag}", account_manager=REP)
	bill = invoice(world, 3, 90, who=mine)
	promise = frappe.get_doc(
		{"doctype": "Promise to Pay", "sales_invoice": bill.name, "promised_on": nowdate(), "amount": 90}
	).insert()
	case = sale.case(sales_owner=REP, responsible=REP)
	about = {"reference_type": "Customer", "reference_name": mine, "description": "Visit them"}
	todo = frappe.get_doc({"doctype": "ToDo", "allocated_to": REP, **about}).insert()
	found = {
		"lead": lead, "deal": deal, "contract": made, "request": request, "activity": activity, "promise": promise,
		"case": case, "todo": todo, "customer": frappe.get_doc("Customer", mine),
	}  # fmt: skip
	return frappe._dict(found)


def test_what_can_not_take_over_is_refused(site, as_user):
	with refused(match="themselves"):
		handover(REP)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	with refused(match="disabled"):
		handover(OTHER)
	with refused(match="disabled or does not exist|Could not find"):
		handover("nobody@crm-test.example")
	with refused():
		handover()
	as_user("rep")
	with refused(frappe.PermissionError):
		handover(MANAGER)


def test_rows_are_chosen_one_by_one_and_what_is_taken_out_stays(held):
	doc = prepared(OTHER, rule="One Person", **{f"with_{kind}": int(kind in ("leads", "deals")) for kind in ALL})
	by_name = {row.document: row for row in doc.items}
	assert set(by_name) >= {held.lead.name, held.deal.name} and held.contract.name not in by_name
	by_name[held.lead.name].to_user = MANAGER
	by_name[held.lead.name].state = "Done"
	doc.items = [row for row in doc.items if row.document != held.deal.name]
	doc.append("items", {"document_type": held.deal.doctype, "document": held.deal.name, "to_user": MANAGER})
	doc.save()
	done(doc)
	assert (owner_of(held.lead), owner_of(held.deal)) == (MANAGER, REP)
	doc.reload()
	doc.receivers[0].user = MANAGER
	doc.save()
	assert doc.status == "Done"


def test_another_rule_asks_to_prepare_again(held):
	doc = prepared(OTHER, MANAGER)
	doc.rule = "Even Load"
	doc.save()
	assert (doc.status, doc.items) == ("Draft", [])
	with refused(match="Prepare"):
		api.start_handover(doc.name)


def test_territories_and_even_loads_keep_a_party_together(sale, world, as_user):
	north, south = (
		frappe.get_doc({"doctype": "Territory", "territory_name": f"{name} {world.tag}"}).insert().name
		for name in ("North", "South")
	)
	parties = [customer(f"P{n} {world.tag}", territory=(north, south)[n % 2], account_manager=REP) for n in range(4)]
	for party in parties:
		sale.opportunity(customer=party, sales_owner=REP)
	only = {f"with_{kind}": int(kind in ("customers", "deals")) for kind in ALL}
	doc = prepared({"user": OTHER, "territory": north}, {"user": MANAGER, "territory": south}, rule="Territory", **only)
	wanted = {party: (OTHER, MANAGER)[n % 2] for n, party in enumerate(parties)}
	assert {row.party: row.to_user for row in doc.items if row.party in parties} == wanted
	doc = prepared(OTHER, MANAGER, rule="Even Load", **only)
	takers = {party: {row.to_user for row in doc.items if row.party == party} for party in parties}
	assert all(len(users) == 1 for users in takers.values())


def test_a_receiver_sees_the_handover_and_others_do_not(held, as_user):
	doc = done(prepared(OTHER))
	for who, sees in (("other_rep", True), ("rep", True), ("desk", False), ("manager", True)):
		as_user(who)
		assert bool(frappe.has_permission(doc.doctype, doc=doc.name)) is sees
		assert bool(frappe.get_list(doc.doctype, filters={"name": doc.name}, order_by="name asc")) is sees
	as_user("Administrator")
	with refused(match="history"):
		doc.delete()


def test_who_had_it_when_is_told_to_who_may_read_it(held, as_user):
	done(prepared(OTHER))

	def told(**filters) -> list[tuple]:
		_columns, rows = owner_history.execute({"document": held.deal.name, **filters})[:2]
		return [(row["user"], row["by"], bool(row["until"])) for row in rows]

	assert told() == [(REP, None, True), (OTHER, "Administrator", False)]
	assert told(user=REP) == [(REP, None, True)]
	assert told(from_date=add_days(nowdate(), 1)) == [(OTHER, "Administrator", False)]
	_columns, rows = owner_history.execute({"document": held.customer.name})[:2]
	assert [row["user"] for row in rows] == [REP, OTHER]
	set_apart()
	as_user("rep")
	assert told() == []
	as_user("other_rep")
	assert len(told()) == 2


def test_of_too_many_documents_those_that_changed_hands_last_are_told_whole(sale, monkeypatch):
	from crm_pipeline.analytics import owner_history as figures

	still, *deals = (sale.opportunity(sales_owner=REP) for _ in range(3))
	for day, deal, given, taken in ((1, 1, REP, OTHER), (2, 0, REP, DESK), (3, 1, OTHER, MANAGER)):
		name = ledger.record(deals[deal], "Owner", given, taken)
		frappe.db.set_value("Pipeline Event", name, "at", add_days(nowdate(), day))

	def told(**filters) -> tuple[list, bool]:
		_columns, rows, message = owner_history.execute(filters)
		return [(row["document"], row["user"]) for row in rows], "The latest" in message

	monkeypatch.setattr(figures, "MOST", 1)
	latest = [(deals[1].name, user) for user in (REP, OTHER, MANAGER)]
	assert told() == (latest, True)
	assert told(document=deals[0].name)[0] == [(deals[0].name, REP), (deals[0].name, DESK)]
	assert told(user=DESK)[0] == [(deals[0].name, DESK)]
	monkeypatch.setattr(figures, "MOST", 2)
	assert told(document=still.name) == ([(still.name, REP)], False)
	assert told(document=still.name, user=OTHER) == ([], False)
	assert told(document="there is none") == ([], False)


# ---- absence


def away(user: str = REP, deputy: str = OTHER, first: int = 0, last: int = 3):
	return frappe.get_doc(
		{
			"doctype": "Sales Absence",
			"user": user,
			"deputy": deputy,
			"from_date": add_days(nowdate(), first),
			"to_date": add_days(nowdate(), last),
		}
	).insert()


def test_a_deputy_sees_what_is_theirs_for_whom_they_stand_in_and_no_longer(sale, as_user):
	from tests.site.portable.test_visibility import set_apart

	as_user("rep")
	deal = sale.opportunity()
	as_user("Administrator")
	set_apart()

	def sees() -> bool:
		frappe.set_user(OTHER)
		answer = bool(frappe.has_permission(deal.doctype, doc=deal.name))
		listed = bool(frappe.get_list(deal.doctype, filters={"name": deal.name}, order_by="name asc"))
		frappe.set_user("Administrator")
		assert answer is listed
		return answer

	assert not sees()
	absence = away()
	assert sees() and absences.deputy_of(REP) == OTHER and absences.covered_by(OTHER) == [REP]
	assert REP in people.visibility_of(OTHER).users if people.visibility_of(OTHER) else True
	absence.to_date = absence.from_date = add_days(nowdate(), -1)
	absence.save()
	assert not sees()
	absence.delete()


def test_a_deputy_who_left_is_not_called_and_who_is_away_stays_away(site, as_user):
	as_user("rep")
	frappe.get_doc(
		{"doctype": "Sales Absence", "user": REP, "deputy": OTHER, "from_date": nowdate(), "to_date": nowdate()}
	).insert()
	absences.forget()
	assert absences.with_deputies([REP]) == [REP, OTHER]
	as_user("Administrator")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert absences.with_deputies([REP]) == [REP]
	assert absences.deputy_of(REP) is None
	assert absences.is_away(REP) and not leads_to_give.is_present(REP)


def test_an_absence_that_can_not_be_is_refused(site, as_user):
	with refused(match="somebody else"):
		away(deputy=REP)
	with refused(match="before the first day"):
		away(first=2, last=1)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	with refused(match="disabled"):
		away()
	frappe.db.set_value("User", OTHER, "enabled", 1)
	away()
	with refused(match="already"):
		away(first=3, last=9)
	with refused(match="as deputy"):
		away(user=OTHER, deputy=REP, first=1, last=1)
	away(first=4, last=9)
	as_user("rep")
	with refused(frappe.PermissionError):
		away(user=DESK, deputy=REP)
	assert away(first=20, last=21).user == REP
	as_user("manager")
	assert away(first=30, last=31).user == REP


def test_a_span_is_told_where_a_day_that_is_asked_for_lies_in_it(sale):
	deal = sale.opportunity(sales_owner=REP)
	for day, given, taken in ((2, REP, OTHER), (5, OTHER, MANAGER)):
		name = ledger.record(deal, "Owner", given, taken)
		frappe.db.set_value("Pipeline Event", name, "at", f"{add_days(nowdate(), day)} 12:00:00")

	def told(first=None, last=None, **filters) -> list[str]:
		days = {"from_date": first, "to_date": last}
		filters |= {name: add_days(nowdate(), day) for name, day in days.items() if day is not None}
		return [row["user"] for row in owner_history.execute({"document": deal.name, **filters})[1]]

	assert told() == [REP, OTHER, MANAGER]
	assert told(last=1) == [REP] and told(last=2) == [REP, OTHER] == told(last=4)
	assert told(first=2) == [REP, OTHER, MANAGER] and told(first=3) == [OTHER, MANAGER] == told(first=5)
	assert told(first=6) == [MANAGER] and told(first=3, last=4) == [OTHER]
	assert told(last=-1) == []
	assert told(document_type="Sales Opportunity") == told() and told(document_type="Sales Lead") == []


def test_documents_of_which_the_reader_has_no_list_are_not_told(sale, monkeypatch):
	deal = sale.opportunity(sales_owner=REP)
	ledger.record(deal, "Owner", REP, OTHER)
	documents = lambda: {row["document"] for row in owner_history.execute({"document": deal.name})[1]}  # noqa: E731
	assert documents() == {deal.name}
	may = frappe.has_permission
	monkeypatch.setattr(
		frappe, "has_permission", lambda doctype, *rest, **how: doctype != deal.doctype and may(doctype, *rest, **how)
	)
	assert documents() == set()


# ---- who sees which


def listed(doc) -> bool:
	"""Whether the list of handovers holds it for the user, which is whether they may open it."""
	found = bool(frappe.get_list(doc.doctype, filters={"name": doc.name}, order_by="name asc"))
	assert found is bool(frappe.has_permission(doc.doctype, doc=doc.name))
	return found


def rows_shown(doc, user: str) -> set[str]:
	"""To whom the rows go that a list of rows holds for a user; each of them may be read alone."""
	seen = sales_handover_item.condition(user)
	found = frappe.db.sql(
		f"select name from `tabSales Handover Item` where parent = %s and {seen or '1 = 1'}", (doc.name,)
	)
	names = {name for (name,) in found}
	for row in doc.items:
		assert row.has_permission("read", user=user) is (row.name in names), (user, row.to_user)
	return {row.to_user for row in doc.items if row.name in names}


@pytest.fixture
def to_two(site, world):
	"""A handover of somebody's in the team of a manager, half to OTHER and half to DESK; and one of DESK's."""
	made = []
	for giver, takers in ((REP, (OTHER, DESK)), (DESK, (OTHER,))):
		doc = handover(*takers, from_user=giver)
		for place, user in enumerate(takers, 1):
			of_doc = {"parent": doc.name, "parenttype": doc.doctype, "parentfield": "items", "idx": place}
			values = {"document_type": "Customer", "document": world.customer, "to_user": user, "state": "Waiting"}
			rows.row("Sales Handover Item", **of_doc, **values, docstatus=0)
		made.append(frappe.get_doc(doc.doctype, doc.name))
	return made


def test_a_manager_sees_the_handovers_of_the_own_team(to_two, world, as_user):
	ours, theirs = to_two
	as_user("manager")
	assert (listed(ours), listed(theirs)) == (True, True)
	as_user("Administrator")
	set_apart()
	as_user("manager")
	assert (listed(ours), listed(theirs)) == (False, False)
	as_user("Administrator")
	rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	as_user("manager")
	assert (listed(ours), listed(theirs)) == (True, False)
	as_user("rep")
	assert (listed(ours), listed(theirs)) == (True, False)
	as_user("desk")
	assert listed(theirs)
	as_user("other_rep")
	assert listed(theirs)
	# Half of it goes to others: who gets the rest opens it from the notice.
	assert frappe.has_permission(ours.doctype, doc=ours.name)
	assert not frappe.get_list(ours.doctype, filters={"name": ours.name}, order_by="name asc")


def test_who_gets_something_sees_their_rows_and_who_gives_or_leads_sees_all(to_two, as_user):
	ours, _theirs = to_two
	every = {OTHER, DESK}
	for who, seen in (("rep", every), ("other_rep", {OTHER}), ("desk", {DESK}), ("manager", every)):
		user = as_user(who)
		assert rows_shown(ours, user) == seen, who
		shown, printed = frappe.get_doc(ours.doctype, ours.name), frappe.get_doc(ours.doctype, ours.name)
		shown.apply_fieldlevel_read_permissions()
		printed.run_method("before_print", None)
		for doc in (shown, printed):
			assert {row.to_user for row in doc.items} == seen, who
