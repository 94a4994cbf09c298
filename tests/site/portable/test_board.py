"""The sales board: columns, totals and pages agree with the documents that the user may read."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, flt, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import board_columns
from crm_pipeline.deals.move_rules import StageMoveError
from tests.site.world import refused

STAGES = (
	("first", 10, "Open", 10),
	("second", 20, "Open", 50),
	("third", 30, "Open", 80),
	("won", 40, "Won", 100),
	("lost", 50, "Lost", 0),
)


@pytest.fixture
def line(world):
	"""A pipeline of its own, so that no other deal of the site stands on its board."""
	return pipeline(f"Board {world.tag}")


def pipeline(name: str, applies_to="Sales Opportunity", stages=STAGES, **rules) -> str:
	values = {"doctype": "Sales Pipeline", "pipeline_name": name, "applies_to": applies_to, "allow_win_by_hand": 1}
	frappe.get_doc({**values, **rules}).insert().db_set("company", None)
	for key, position, kind, probability in stages:
		frappe.get_doc(
			{
				"doctype": "Pipeline Stage",
				"pipeline": name,
				"label": key.title(),
				"stage_key": key,
				"position": position,
				"stage_type": kind,
				"probability": probability,
			}
		).insert()
	return name


@pytest.fixture
def deal(line, sale):
	"""deal("second", amount=..., ...) is an opportunity without items in a stage of the line."""

	def make(stage="first", **values):
		values = {"items": [], "amount": 100, "pipeline": line, "stage": f"{line}-{stage}", **values}
		return sale.opportunity(**values)

	return make


def cards_of(line, stage, filters=None) -> list[str]:
	"""Every card of a column, page by page."""
	names, after = [], None
	while True:
		page = api.get_cards(line, f"{line}-{stage}", filters, after)
		names += [card["name"] for card in page["cards"]]
		after = frappe.as_json(page["next"]) if page["next"] else None
		if not after:
			return names


def totals(line, stage, filters=None) -> tuple:
	found = api.get_board_totals(line, filters)[f"{line}-{stage}"]
	return found["count"], flt(found["amount"], 2), flt(found["weighted"], 2)


def column(line, stage, filters=None) -> dict:
	return next(c for c in api.get_board(line, filters)["columns"] if c["name"] == f"{line}-{stage}")


def test_columns_are_the_stages_with_open_ones_first(line, as_user):
	as_user("rep")
	shown = api.get_board(line)
	assert [c["name"] for c in shown["columns"]] == [f"{line}-{key}" for key, *_rest in STAGES]
	assert shown["doctype"] == "Sales Opportunity" and shown["may_write"]
	assert totals(line, "first") == (0, 0, 0)


def test_totals_are_the_sums_of_the_documents_in_the_currency_of_the_company(line, world, deal, as_user):
	as_user("rep")
	other = "EUR" if world.currency != "EUR" else "USD"
	deal(amount=100)
	deal(amount=50.25, probability=35)
	deal(amount=10, currency=other, conversion_rate=4)
	deal(amount=0)
	deal("third", amount=7)
	mine = frappe.get_list(
		"Sales Opportunity",
		filters={"pipeline": line, "stage": f"{line}-first"},
		fields=["base_amount", "probability"],
		order_by="name asc",
		limit=0,
	)
	assert totals(line, "first") == (
		len(mine),
		flt(sum(row.base_amount for row in mine), 2),
		flt(sum(row.base_amount * row.probability / 100 for row in mine), 2),
	)
	assert totals(line, "first")[:2] == (4, 190.25)
	assert totals(line, "third") == (1, 7, 5.6)


def test_cards_come_by_expected_close_and_those_without_one_last(line, deal, as_user):
	as_user("rep")
	undated, late, soon = (deal(expected_close=d) for d in (None, add_days(nowdate(), 9), nowdate()))
	assert cards_of(line, "first") == [soon.name, late.name, undated.name]


def test_pages_give_every_card_once_while_cards_move(line, deal, as_user, monkeypatch):
	monkeypatch.setattr(board_columns, "PAGE", 3)
	as_user("rep")
	day = add_days(nowdate(), 5)
	deals = [deal(expected_close=date).name for date in (nowdate(), day, day, day, day, None, None, None)]
	first = api.get_cards(line, f"{line}-first")
	seen = [card["name"] for card in first["cards"]]
	# One that was shown and one that was not yet leave; one that stands before the page's end arrives.
	gone = next(name for name in deals if name not in seen)
	for name in (seen[1], gone):
		api.move_stage("Sales Opportunity", name, f"{line}-second")
	early = deal("second", opened_on=add_days(nowdate(), -9), expected_close=add_days(nowdate(), -3))
	api.move_stage(early.doctype, early.name, f"{line}-first")
	after = first["next"]
	while after:
		page = api.get_cards(line, f"{line}-first", after=after)
		seen += [card["name"] for card in page["cards"]]
		after = page["next"]
	assert sorted(seen) == sorted(set(deals) - {gone})


def test_a_column_of_exactly_one_page_ends_there(line, deal, as_user, monkeypatch):
	monkeypatch.setattr(board_columns, "PAGE", 2)
	as_user("rep")
	deal(expected_close=None), deal(expected_close=None)
	page = api.get_cards(line, f"{line}-first")
	assert (len(page["cards"]), page["next"]) == (2, None)


def test_a_card_says_how_the_deal_stands(line, deal, as_user):
	user = as_user("rep")
	made = deal(expected_close=add_days(nowdate(), -2), next_step="Send drawings", opened_on=add_days(nowdate(), -9))
	made.db_set("stage_entered_on", add_to_date(now_datetime(), days=-4, hours=-23))
	card = column(line, "first")["cards"][0]
	assert (card["title"], card["party_name"], card["amount"]) == (made.title, made.party_name, 100)
	assert (card["days"], card["overdue"], card["next_step"], card["sales_owner"]) == (4, True, "Send drawings", user)
	assert card["owner_name"] == frappe.db.get_value("User", user, "full_name")


def test_stalled_deals_are_marked_with_reasons_and_found_alone(line, deal, as_user):
	as_user("rep")
	stuck, fine = deal(), deal()
	for doc, values in (
		(stuck, {"is_stalled": 1, "stalled_reasons": '{"pushed": {"times": 3}}'}),
		(fine, {"is_stalled": 0}),
	):
		frappe.db.set_value(doc.doctype, doc.name, values)
	card = api.get_card(stuck.doctype, stuck.name)
	assert card["is_stalled"] and card["reasons"] == ["The close date was pushed 3 times"]
	assert api.get_card(fine.doctype, fine.name)["reasons"] == []
	assert cards_of(line, "first", {"stalled": 1}) == [stuck.name]
	assert totals(line, "first", {"stalled": 1})[0] == 1


def test_filters_narrow_cards_and_totals_alike(line, deal, as_user):
	as_user("other_rep")
	theirs = deal(title="Cranes for the quay")
	user = as_user("rep")
	deal(title="Ropes")
	for filters in (
		{"search": "the quay"},
		{"sales_owner": theirs.sales_owner},
		frappe.as_json({"search": theirs.name}),
	):
		assert cards_of(line, "first", filters) == [theirs.name]
		assert totals(line, "first", filters)[0] == 1
	assert totals(line, "first", {"sales_owner": user})[0] == 1


def test_a_move_shows_in_both_columns(line, deal, as_user):
	as_user("rep")
	made = deal(amount=100)
	api.move_stage(made.doctype, made.name, f"{line}-second", seen_stage=f"{line}-first")
	assert api.get_card(made.doctype, made.name)["stage"] == f"{line}-second"
	assert totals(line, "first") == (0, 0, 0)
	assert totals(line, "second") == (1, 100, 50)


def test_a_refused_move_leaves_card_and_totals(world, sale, as_user):
	line = pipeline(f"Strict {world.tag}", allow_skip=0)
	as_user("rep")
	made = sale.opportunity(pipeline=line)
	with refused(StageMoveError, "skipping"):
		api.move_stage(made.doctype, made.name, f"{line}-third")
	assert cards_of(line, "first") == [made.name]
	assert totals(line, "third")[0] == 0


def test_a_card_that_somebody_moved_meanwhile_is_not_moved_again(line, deal, as_user):
	as_user("rep")
	made = deal()
	api.lose_deal(made.doctype, made.name, reason="Price")
	with refused(StageMoveError, "meanwhile"):
		api.move_stage(made.doctype, made.name, f"{line}-third", seen_stage=f"{line}-first")
	with refused(StageMoveError, "meanwhile"):
		api.lose_deal(made.doctype, made.name, reason="Price", seen_stage=f"{line}-first")
	with refused(StageMoveError, "meanwhile"):
		api.win_deal(made.doctype, made.name, seen_stage=f"{line}-first")
	assert frappe.db.get_value(made.doctype, made.name, "status") == "Lost"


def test_closed_columns_hold_what_was_closed_lately(line, deal, as_user):
	as_user("rep")
	old, recent, today = deal(), deal(), deal(amount=30)
	for doc in (old, recent, today):
		api.win_deal(doc.doctype, doc.name)
	old.db_set("closed_on", add_days(nowdate(), -board_columns.RECENT_DAYS - 1))
	recent.db_set("closed_on", add_days(nowdate(), -board_columns.RECENT_DAYS))
	assert column(line, "won")["cards"] == []
	assert cards_of(line, "won") == [today.name, recent.name]
	assert totals(line, "won") == (2, 130, 130)


def test_closed_cards_come_page_by_page_too(line, deal, as_user, monkeypatch):
	monkeypatch.setattr(board_columns, "PAGE", 2)
	as_user("rep")
	deals = [deal().name for _number in range(5)]
	for name in deals:
		api.lose_deal("Sales Opportunity", name, reason="Price")
	frappe.db.set_value("Sales Opportunity", deals[4], "closed_on", add_days(nowdate(), -3))
	assert cards_of(line, "lost") == [*sorted(deals[:4], reverse=True), deals[4]]


def test_a_disabled_stage_is_a_column_while_deals_stand_in_it(line, deal, as_user):
	as_user("rep")
	made = deal("second")
	as_user("Administrator")
	stage = frappe.get_doc("Pipeline Stage", f"{line}-second")
	stage.disabled = 1
	stage.save()
	as_user("rep")
	assert [card["name"] for card in column(line, "second")["cards"]] == [made.name]
	api.move_stage(made.doctype, made.name, f"{line}-third")
	assert f"{line}-second" not in [c["name"] for c in api.get_board(line)["columns"]]


def test_an_empty_pipeline_and_an_unknown_one(world, as_user):
	line = pipeline(f"Bare {world.tag}", stages=())
	as_user("rep")
	assert api.get_board(line)["columns"] == [] and api.get_board_totals(line) == {}
	with refused(frappe.PermissionError, "does not exist, or"):
		api.get_board("No such pipeline")


def test_without_a_pipeline_the_default_one_is_shown(as_user, world):
	as_user("rep")
	shown = api.get_board(filters={"company": world.company})
	assert frappe.db.get_value("Sales Pipeline", shown["pipeline"], ["applies_to", "disabled"]) == (
		"Sales Opportunity",
		0,
	)


def test_a_stage_of_another_pipeline_and_a_place_that_is_none_are_refused(line, as_user):
	as_user("rep")
	with refused(frappe.ValidationError, "another pipeline"):
		api.get_cards(line, "Standard Sales-qualification")
	with refused(frappe.ValidationError, "after is not a value"):
		api.get_cards(line, f"{line}-first", after='["2026-01-01"]')


def test_projects_have_boards_of_their_own(world, as_user):
	line = pipeline(f"Projects {world.tag}", "Sales Project")
	as_user("rep")
	values = {"doctype": "Sales Project", "company": world.company, "customer": world.customer, "pipeline": line}
	made = frappe.get_doc({**values, "title": "Dock", "amount": 40}).insert()
	shown = column(line, "first")
	assert [card["name"] for card in shown["cards"]] == [made.name]
	assert totals(line, "first") == (1, 40, 4)
	assert api.get_card("Sales Project", made.name)["stage"] == f"{line}-first"


def test_who_may_not_read_deals_gets_no_board(line, deal, as_user):
	as_user("rep")
	made = deal()
	as_user("stranger")
	for ask in (
		lambda: api.get_board(line),
		lambda: api.get_board_totals(line),
		lambda: api.get_cards(line, f"{line}-first"),
		lambda: api.get_card(made.doctype, made.name),
	):
		with refused(frappe.PermissionError):
			ask()


def test_with_team_visibility_columns_hold_what_each_may_see(line, deal, as_user):
	team = {who: as_user(who) for who in ("manager", "rep", "other_rep")}
	as_user("Administrator")
	parent = frappe.db.get_value("Sales Person", {"is_group": 1}, "name", order_by="lft asc")
	for who, user in team.items():
		values = {"doctype": "Sales Person", "sales_person_name": f"{who} of {line}", "crm_user": user}
		person = frappe.get_doc({**values, "parent_sales_person": parent, "is_group": who == "manager"}).insert()
		parent = person.name if who == "manager" else parent
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	as_user("rep")
	mine = deal(amount=10)
	as_user("other_rep")
	theirs = deal(amount=20)
	for who, expected in (("rep", [mine]), ("other_rep", [theirs]), ("manager", [mine, theirs])):
		as_user(who)
		names = sorted(doc.name for doc in expected)
		assert sorted(cards_of(line, "first")) == names, who
		assert sorted(card["name"] for card in column(line, "first")["cards"]) == names, who
		assert totals(line, "first")[:2] == (len(expected), sum(doc.amount for doc in expected)), who
	as_user("rep")
	with refused(frappe.PermissionError):
		api.get_card(theirs.doctype, theirs.name)


@pytest.mark.parametrize(
	("applied_to", "limits"), [(None, True), ("Sales Opportunity", True), ("Sales Project", False)]
)
def test_who_may_see_some_pipelines_only_begins_in_one_of_those(line, world, sale, as_user, applied_to, limits):
	as_user("Administrator")
	other = pipeline(f"Another {world.tag}")
	user = as_user("rep")
	as_user("Administrator")
	for name in (line, other):
		values = {"user": user, "allow": "Sales Pipeline", "for_value": name}
		values |= {"apply_to_all_doctypes": 0, "applicable_for": applied_to} if applied_to else {}
		frappe.get_doc({"doctype": "User Permission", **values}).insert()
	frappe.clear_cache(user=user)
	as_user("rep")
	expected = other if limits else "Standard Sales"
	assert api.get_board()["pipeline"] == expected
	deal = sale.opportunity()
	assert deal.pipeline == expected and frappe.has_permission(deal.doctype, doc=deal.name)
	as_user("manager")
	assert api.get_board()["pipeline"] == "Standard Sales"
