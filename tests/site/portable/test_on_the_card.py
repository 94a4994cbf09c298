# ruff: noqa: F811
"""What is done on the board itself: undo, what a gate asks, the next step, whom to ring, a new deal in a column."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import board_columns
from crm_pipeline.deals.move_rules import StageMoveError
from crm_pipeline.parties import party
from crm_pipeline.parties.party import AmbiguousPartyError
from tests.site.portable.test_board import cards_of, deal, line, pipeline  # noqa: F401
from tests.site.world import refused


def stage_of(doc) -> str:
	return frappe.db.get_value(doc.doctype, doc.name, "stage").rpartition("-")[2]


def move(doc, line, key, **more):
	api.move_stage(
		doc.doctype, doc.name, f"{line}-{key}", seen_stage=frappe.db.get_value(doc.doctype, doc.name, "stage"), **more
	)


def undo(doc):
	api.undo_move(doc.doctype, doc.name, frappe.db.get_value(doc.doctype, doc.name, "stage"))


# ---- undo


def test_a_move_is_undone_with_what_the_deal_had_of_its_own(line, deal, as_user):
	as_user("rep")
	# The next stage has the very probability that somebody set.
	made = deal(probability=50)
	move(made, line, "second")
	undo(made)
	made.reload()
	assert (stage_of(made), made.probability, made.own_probability) == ("first", 50, 1)
	kinds = [(e["kind"], e["note"]) for e in api.get_history(made.doctype, made.name) if e["kind"] == "Stage"]
	assert kinds == [("Stage", None), ("Stage", "The move was undone")]


def test_a_deal_lost_by_mistake_is_open_again_and_has_no_reason(line, deal, as_user):
	as_user("rep")
	made = deal("third")
	api.lose_deal(made.doctype, made.name, reason="Price", seen_stage=made.stage)
	undo(made)
	made.reload()
	assert (stage_of(made), made.status, made.lost_reason, made.closed_on) == ("third", "Open", None, None)


def test_a_lost_deal_that_was_dragged_out_by_mistake_is_lost_as_it_was(line, deal, as_user):
	as_user("rep")
	made = deal("second")
	api.lose_deal(made.doctype, made.name, reason="Price", detail="Too dear")
	frappe.db.set_value(made.doctype, made.name, "closed_on", add_days(nowdate(), 0))
	long_ago = add_days(nowdate(), -9)
	frappe.db.set_value(made.doctype, made.name, {"opened_on": long_ago, "closed_on": add_days(nowdate(), -5)})
	move(made, line, "first")
	undo(made)
	made.reload()
	assert (made.status, made.lost_reason, made.lost_detail) == ("Lost", "Price", "Too dear")
	assert getdate(made.closed_on) == getdate(add_days(nowdate(), -5))


@pytest.mark.parametrize("first,then", [("lost", "won"), ("won", "lost")])
def test_what_was_lost_before_it_was_won_is_closed_on_the_day_of_the_last(line, deal, as_user, first, then):
	def close(how: str) -> None:
		if how == "won":
			api.win_deal(made.doctype, made.name)
		else:
			api.lose_deal(made.doctype, made.name, reason="Price")

	as_user("rep")
	made = deal("second")
	close(first)
	long_ago = {"opened_on": add_days(nowdate(), -90), "closed_on": add_days(nowdate(), -70)}
	frappe.db.set_value(made.doctype, made.name, long_ago)
	close(then)
	made.reload()
	assert (made.status.lower(), getdate(made.closed_on)) == (then, getdate())


def test_from_one_end_to_another_it_keeps_where_it_stood_when_it_was_open(line, deal, as_user):
	as_user("rep")
	made = deal("second")
	api.lose_deal(made.doctype, made.name, reason="Price")
	api.win_deal(made.doctype, made.name)
	assert made.reload().closed_from == f"{line}-second"
	api.lose_deal(made.doctype, made.name, reason="Price")
	api.reopen_deal(made.doctype, made.name)
	assert (made.reload().status, stage_of(made)) == ("Open", "second")


def test_undo_asks_no_gate_of_a_deal_that_had_passed_it(line, deal, as_user):
	as_user("rep")
	made = deal("third")
	as_user("Administrator")
	stage = frappe.get_doc("Pipeline Stage", f"{line}-second")
	stage.append("gates", {"kind": "Field Filled", "fieldname": "channel"})
	stage.save()
	as_user("rep")
	move(made, line, "second")
	undo(made)
	assert stage_of(made) == "third"


def test_the_rules_of_the_pipeline_hold_for_undo(world, sale, as_user):
	strict = pipeline(f"Strict {world.tag}", allow_back=0)
	as_user("rep")
	made = sale.opportunity(items=[], amount=5, pipeline=strict, stage=f"{strict}-first")
	move(made, strict, "second")
	with refused(StageMoveError, "does not allow moving back"):
		undo(made)
	assert stage_of(made) == "second"


def test_undo_is_of_ones_own_last_move_and_of_a_deal_that_is_where_one_left_it(line, deal, as_user):
	as_user("rep")
	made = deal()
	with refused(StageMoveError, "nothing to undo"):
		undo(made)
	move(made, line, "second")
	as_user("manager")
	with refused(StageMoveError, "nothing to undo"):
		undo(made)
	move(made, line, "third")
	as_user("rep")
	with refused(StageMoveError, "meanwhile"):
		api.undo_move(made.doctype, made.name, f"{line}-second")


# ---- what gates ask


@pytest.fixture
def gated(line, as_user):
	"""The first stage asks for a channel, a check and a contract."""
	as_user("Administrator")
	stage = frappe.get_doc("Pipeline Stage", f"{line}-first")
	stage.append("gates", {"kind": "Field Filled", "fieldname": "channel"})
	stage.append("gates", {"kind": "Check", "text": "Budget is known"})
	stage.save()
	return stage


def test_what_the_gates_ask_is_filled_in_with_the_move(gated, line, deal, as_user):
	as_user("rep")
	made = deal()
	asked = api.get_asked_of_move(made.doctype, made.name, f"{line}-third")
	assert [(f["fieldname"], f["fieldtype"], f["options"]) for f in asked["fields"]] == [
		("channel", "Link", "Sales Channel")
	]
	assert [check["text"] for check in asked["checks"]] == ["Budget is known"] and asked["others"] == []
	channel = frappe.db.get_value("Sales Channel", {"disabled": 0}, "name", order_by="name asc")
	key = asked["checks"][0]["key"]
	move(made, line, "third", values={"channel": channel}, ticked=[key])
	made.reload()
	assert (stage_of(made), made.channel) == ("third", channel)
	assert [(row.gate, row.done, row.done_by) for row in made.checks] == [(key, 1, frappe.session.user)]


def test_half_an_answer_moves_nothing_and_is_not_kept(gated, line, deal, as_user):
	as_user("rep")
	made = deal()
	channel = frappe.db.get_value("Sales Channel", {"disabled": 0}, "name", order_by="name asc")
	with refused(StageMoveError, "Budget is known"):
		move(made, line, "second", values={"channel": channel})
	assert frappe.db.get_value(made.doctype, made.name, ["stage", "channel"]) == (f"{line}-first", None)


def test_a_move_takes_no_field_that_no_gate_asks_for(gated, line, deal, as_user):
	as_user("rep")
	made = deal()
	for more in ({"values": {"amount": 9}}, {"values": {"status": "Won"}}, {"ticked": ["made-up"]}):
		with refused(frappe.ValidationError, "does not ask for"):
			move(made, line, "second", **more)


def test_back_and_lost_ask_for_nothing(gated, line, deal, as_user):
	as_user("rep")
	made = deal("first")
	nothing = {"fields": [], "checks": [], "others": []}
	assert api.get_asked_of_move(made.doctype, made.name, f"{line}-lost") == nothing
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_asked_of_move(made.doctype, made.name, f"{line}-second")


# ---- cards


def test_a_card_says_whom_to_ring_and_that_its_next_step_is_late(line, deal, as_user):
	as_user("rep")
	people = [
		{"contact_name": "Bo", "email_id": "bo@deck.example"},
		{"contact_name": "Ann", "phone": "+1 555 7000 111", "email_id": "ann@deck.example"},
	]
	late = deal(contacts=people, next_step="Ring", next_step_date=add_days(nowdate(), -1))
	due = deal(next_step="Ring", next_step_date=nowdate())
	cards = {card["name"]: card for card in api.get_cards(line, f"{line}-first")["cards"]}
	card = cards[late.name]
	assert (card["contact_name"], card["phone"], card["email_id"]) == ("Ann", "+1 555 7000 111", "ann@deck.example")
	assert (card["step_overdue"], cards[due.name]["step_overdue"]) == (True, False)
	api.set_next_step(late.doctype, late.name, "Write", add_days(nowdate(), 3))
	card = api.get_card(late.doctype, late.name)
	assert (card["next_step"], card["step_overdue"]) == ("Write", False)
	api.lose_deal(due.doctype, due.name, reason="Price")
	with refused(StageMoveError, "closed"):
		api.set_next_step(due.doctype, due.name, "Write")


@pytest.mark.parametrize("sort", ["close", "amount", "next_step", "entered", "title"])
def test_every_order_gives_every_card_once(line, deal, as_user, monkeypatch, sort):
	monkeypatch.setattr(board_columns, "PAGE", 2)
	as_user("rep")
	days = (None, 3, 3, 9, None)
	rows = [
		deal(
			title=f"T{place % 3}",
			amount=(70.1, 5, 70.1, 0, 12.345)[place],
			expected_close=day and add_days(nowdate(), day),
			next_step_date=day and add_days(nowdate(), 10 - day),
		)
		for place, day in enumerate(days)
	]
	seen, after = [], None
	while True:
		page = api.get_cards(line, f"{line}-first", after=after, sort=sort)
		seen += page["cards"]
		after = frappe.as_json(page["next"]) if page["next"] else None
		if not after:
			break
	assert sorted(card["name"] for card in seen) == sorted(doc.name for doc in rows)
	if sort == "amount":
		assert [card["amount"] for card in seen] == sorted((card["amount"] for card in seen), reverse=True)
	if sort == "title":
		assert [card["title"] for card in seen] == sorted(card["title"] for card in seen)
	if sort == "next_step":
		dates = [card["next_step_date"] for card in seen]
		assert dates == [*sorted(filter(None, dates)), None, None]


def test_an_order_that_is_none_is_refused(line, as_user):
	as_user("rep")
	with refused(frappe.ValidationError, "sorted"):
		api.get_board(line, sort="name; drop table")
	with refused(frappe.ValidationError, "place on this board"):
		api.get_cards(line, f"{line}-first", after=["soon", "OPP-1"], sort="amount")


# ---- a new deal in a column


def test_a_typed_name_finds_the_customer_that_it_surely_is(line, world, as_user):
	as_user("rep")
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	made = api.enter_deal(
		"Sales Opportunity", {"title": "Pumps", "amount": 7, "pipeline": line, "stage": f"{line}-second"}, name
	)
	found = frappe.get_doc(made["doctype"], made["name"])
	assert (found.customer, found.prospect, found.stage, found.amount) == (world.customer, None, f"{line}-second", 7)
	assert found.sales_owner == frappe.session.user


def test_a_name_that_nobody_has_becomes_a_prospect(line, world, as_user):
	as_user("rep")
	made = api.enter_deal("Sales Opportunity", {"title": "Pumps", "pipeline": line}, f"  Brand  New {world.tag} ")
	found = frappe.get_doc(made["doctype"], made["name"])
	assert (found.customer, found.party_name) == (None, f"Brand New {world.tag}")
	assert frappe.db.get_value("Sales Prospect", found.prospect, "status") == "Unverified"


def test_a_choice_is_never_overruled_by_what_was_typed(line, world, sale, as_user):
	as_user("rep")
	other = sale.lead(prospect_name=f"Southwind {world.tag}").prospect
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	made = api.enter_deal("Sales Opportunity", {"title": "Pumps", "pipeline": line, "prospect": other}, name)
	assert frappe.db.get_value("Sales Opportunity", made["name"], "prospect") == other
	again = api.enter_deal("Sales Opportunity", {"title": "Pumps", "pipeline": line}, name, create_new=True)
	assert frappe.db.get_value("Sales Opportunity", again["name"], ["customer", "party_name"]) == (None, name)


def test_where_several_may_be_meant_a_person_chooses(line, world, as_user):
	as_user("rep")
	for _twice in range(2):
		api.enter_deal(
			"Sales Opportunity", {"title": "Pumps", "pipeline": line}, f"Eastwind {world.tag}", create_new=True
		)
	with refused(AmbiguousPartyError, "Choose one"):
		api.enter_deal("Sales Opportunity", {"title": "Pumps", "pipeline": line}, f"Eastwind {world.tag}")


def test_a_deal_without_a_party_and_a_user_without_the_right_are_refused(line, as_user):
	as_user("rep")
	with refused(frappe.ValidationError, "Choose a Customer or a Prospect"):
		api.enter_deal("Sales Opportunity", {"title": "Pumps", "pipeline": line}, "   ")
	as_user("stranger")
	for ask in (lambda: api.enter_deal("Sales Opportunity", {"title": "Pumps"}, "X"), lambda: api.find_party("North")):
		with refused(frappe.PermissionError):
			ask()


def test_one_field_finds_customers_and_prospects_by_name_and_number(world, sale, as_user):
	as_user("rep")
	lead = sale.lead(prospect_name=f"Northern Lights {world.tag}", phone="+49 30 7712345")
	found = api.find_party("north")
	mine = [(row["doctype"], row["name"]) for row in api.find_party(world.tag)]
	assert ("Customer", world.customer) in mine and ("Sales Prospect", lead.prospect) in mine
	assert all("north" in row["title"].casefold() for row in found)
	assert lead.prospect in [row["name"] for row in api.find_party("0049 30 77 12345")]
	assert api.find_party("   ") == []


def test_a_lead_is_entered_with_a_typed_name_a_choice_or_a_new_prospect(world, sale, as_user):
	as_user("rep")
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	title = {"title": "Pumps", "company": world.company, "phone": "+1 555 7000 222"}

	def party_of(values, typed=None, create_new=False):
		made = api.enter_deal("Sales Lead", {**title, **values}, typed, create_new)
		return frappe.db.get_value("Sales Lead", made["name"], ["customer", "party_name"])

	assert party_of({}, name) == (world.customer, name)
	assert party_of({}, name, True) == (None, name)
	assert party_of({"customer": world.customer}) == (world.customer, name)
	with refused(frappe.ValidationError, "Say who it is"):
		party_of({}, " ")


def test_a_new_deal_may_say_its_party_by_a_name_alone(line, world, sale, as_user):
	as_user("rep")
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	known = sale.opportunity(customer=None, party_name=f" {name} ", items=[], pipeline=line)
	assert (known.customer, known.prospect) == (world.customer, None)
	fresh = sale.opportunity(customer=None, party_name=f"Westwind {world.tag}", items=[], pipeline=line)
	assert fresh.prospect and fresh.party_name == f"Westwind {world.tag}"


def test_a_name_typed_on_a_deal_that_is_there_makes_nobody(world, sale):
	"""Only a new deal takes its party from a typed name: what stands on an old one is a copy of its party's."""
	made = sale.opportunity()
	made.update({"customer": None, "prospect": None, "party_name": f"Eastwind {world.tag}"})
	party.adopt_typed(made)
	assert (made.customer, made.prospect) == (None, None)
	assert not frappe.db.exists("Sales Prospect", {"prospect_name": f"Eastwind {world.tag}"})
	fresh = frappe.new_doc("Sales Opportunity")
	fresh.update({"company": world.company, "party_name": f"Eastwind {world.tag}", "sales_owner": made.sales_owner})
	party.adopt_typed(fresh)
	assert frappe.db.get_value("Sales Prospect", fresh.prospect, "prospect_name") == f"Eastwind {world.tag}"
	had = fresh.prospect
	party.adopt_typed(fresh)
	assert fresh.prospect == had
