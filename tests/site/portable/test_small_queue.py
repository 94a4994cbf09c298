"""Small rules of the order desk's queue: which requests wait, in which order, and what is said of each."""

from datetime import date, timedelta

import frappe
import pytest

from crm_pipeline.analytics import desk_queue, figure_documents, workspace_numbers
from crm_pipeline.analytics.desk_queue import RETURNED, WAITING, QueueScope
from crm_pipeline.crm_pipeline.report.order_desk_queue import order_desk_queue
from crm_pipeline.orders import returned
from crm_pipeline.user_day import user_today
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REQUEST = "Sales Order Request"


@pytest.fixture
def request_(world):
	"""request_("A", items, **values): a row of a request that waits; items are (item, pieces, day, warehouse)."""
	frappe.db.delete(REQUEST, {"company": world.company})

	def make(key, items=(), **values):
		name = f"{key} {world.tag}"
		fixed = {
			"docstatus": 1,
			"company": world.company,
			"status": WAITING,
			"customer": world.customer,
			"owner": "Administrator",
		}
		fixed |= {"base_amount": 100, "requested_on": "2026-06-10 10:00:00"}
		rows.row(REQUEST, name=name, **{**fixed, **values})
		for idx, (item, pieces, day, place) in enumerate(items, start=1):
			rows.row(
				"Sales Order Request Item", parent=name, parenttype=REQUEST, parentfield="items", idx=idx, item_code=item,
				stock_qty=pieces, delivery_date=day, warehouse=place,
			)  # fmt: skip
		return name

	return make


@pytest.fixture
def facts(world, monkeypatch):
	"""What ERPNext would answer: {place: free}, and {customer: credit}; `asked` are the customers asked for."""
	found = frappe._dict(free={}, credit={}, asked=[])
	monkeypatch.setattr(desk_queue.availability, "needs_of", lambda places: {place: [(place, 1.0)] for place in places})
	monkeypatch.setattr(
		desk_queue.availability, "free_stock", lambda places, company: found.free if company == world.company else None
	)

	def credit_of(customer, company):
		found.asked.append((customer, company))
		return found.credit.get(customer)

	monkeypatch.setattr(desk_queue.availability, "credit_of", credit_of)
	return found


def queue(world, **asked) -> list:
	return desk_queue.rows(QueueScope.of({"company": world.company, **asked}))


def keys(found) -> list[str]:
	return [row.name.split()[0] for row in found]


def test_requests_wait_the_oldest_first_and_those_of_one_moment_by_name(request_, facts, world):
	for key, values in (
		("C", {}),
		("B", {"requested_on": "2026-06-09 10:00:00"}),
		("A", {}),
		("draft", {"docstatus": 0}),
		("accepted", {"status": "Accepted"}),
		("other", {"company": "Another"}),
		("back", {"status": RETURNED, "docstatus": 2}),
	):
		request_(key, **values)
	assert keys(queue(world)) == ["B", "A", "C"]


def test_what_came_back_is_listed_until_it_is_sent_again(request_, facts, world):
	for key in "AB":
		request_(key, status=RETURNED, docstatus=2)
	request_("again", docstatus=0, status="Draft", amended_from=f"A {world.tag}")
	assert keys(queue(world, status=RETURNED)) == ["B"]


def test_what_came_back_of_a_lost_deal_or_an_ended_contract_waits_for_nobody(request_, facts, world):
	contract = rows.row("Sales Contract", status="Terminated", company=world.company)
	sources = {key: ("Sales Opportunity", rows.bare_deal(world, key, status=key)) for key in ("Open", "Lost")}
	sources["Ended"] = ("Sales Contract", contract)
	for key, (doctype, name) in sources.items():
		request_(key, status=RETURNED, docstatus=2, source_type=doctype, source_name=name)
	assert keys(queue(world, status=RETURNED)) == ["Open"]
	assert workspace_numbers._returned(world.company, {}).count == 1
	assert returned.settled([]) == set()


def test_another_state_is_none_of_the_queue(world):
	for status in ("Accepted", "Draft"):
		with refused(match=f"{status}.* is not a state of this report"):
			queue(world, status=status)


def test_the_queue_is_narrowed_to_a_customer_or_to_whose_deal_it_was(request_, facts, world):
	request_("A", sales_owner=USERS["rep"][0])
	request_("B", customer="Another")
	assert keys(queue(world, customer="Another")) == ["B"] and keys(queue(world, sales_owner=USERS["rep"][0])) == ["A"]
	assert keys(queue(world)) == ["A", "B"]


def test_a_request_is_due_with_its_first_row(request_, facts, world):
	request_(
		"A", [(world.pump, 1, "2026-07-03", None), (world.pump, 1, "2026-07-02", None)], delivery_date="2026-07-01"
	)
	request_("B", [(world.pump, 1, "2026-07-03", None), (world.pump, 1, None, None)], delivery_date="2026-07-01")
	request_("C", [(world.pump, 1, None, None)])
	request_("D", delivery_date="2026-07-01")
	found = {key: row.delivery_date for key, row in zip("ABCD", queue(world), strict=True)}
	assert found == {"A": date(2026, 7, 2), "B": date(2026, 7, 1), "C": None, "D": None}


def test_rows_are_short_where_their_place_has_less_and_share_what_is_there(request_, facts, world):
	facts.free = {(world.pump, "Stores"): 5.0, (world.pump, "Shop"): 1.0, (world.pump, None): 9.0}
	request_("A", [(world.pump, 3, None, "Stores"), (world.pump, 3, None, "Stores"), (world.service, 9, None, None)])
	request_("B", [(world.pump, 2, None, None)], set_warehouse="Shop")
	request_("C", [(world.pump, 9, None, None)])
	request_("D", [(world.service, 9, None, None)])
	assert [row.short for row in queue(world)] == [1, 1, 0, None]


@pytest.mark.parametrize(
	("credit", "over"),
	[
		(None, None),
		({"limit": 500, "used": 400}, 0),
		({"limit": 500, "used": 400.01}, 0.01),
		({"limit": 50, "used": 0}, 50),
	],
)
def test_the_credit_of_a_customer_is_asked_once_and_what_goes_over_it_is_told(request_, facts, world, credit, over):
	facts.credit = {world.customer: credit}
	request_("A")
	request_("B")
	assert [row.credit_over for row in queue(world)] == [over, over]
	assert facts.asked == [(world.customer, world.company)]


def test_nothing_waits_where_there_is_no_request(facts, request_, world):
	assert queue(world) == [] and desk_queue._items_of([]) == {}


# ---- the report


def lines(columns) -> list[str]:
	return [
		" | ".join(filter(None, (one["fieldname"], one["label"], one["fieldtype"], one["options"]))) for one in columns
	]


FIRST = [
	"request | Order Request | Link | Sales Order Request",
	"customer | Customer | Link | Customer",
	"value | Net Amount | Currency | currency",
	"delivery_date | Delivery Date | Date",
]
LAST = ["sales_owner | Sales Owner | Data"]


def test_the_columns_of_the_queue_say_what_decides_or_why_it_came_back(site):
	assert lines(order_desk_queue.columns(WAITING)) == [
		*FIRST,
		"stock | Stock | Data",
		"credit | Credit | Data",
		"waiting_days | Waiting (Days) | Int",
		"po_no | Customer's Purchase Order | Data",
		*LAST,
	]
	assert lines(order_desk_queue.columns(RETURNED)) == [
		*FIRST,
		"return_reason | Return Reason | Data",
		"returned_by | Returned By | Data",
		"returned_on | Returned On | Datetime",
		*LAST,
	]
	assert all(column["width"] > 0 for column in order_desk_queue.columns(WAITING))


def row(**values) -> dict:
	return order_desk_queue._row(frappe._dict({"name": "R", "short": None, "credit_over": None, **values}), "EUR")


@pytest.mark.parametrize(
	("short", "words", "number"),
	[(None, "No stock items", 0), (0, "Enough", 0), (1, "1 row short", 1), (3, "3 rows short", 3)],
)
def test_a_row_says_what_is_in_stock(site, short, words, number):
	assert (row(short=short)["stock"], row(short=short)["short"]) == (words, number)


def test_a_row_says_what_credit_is_left(site):
	shown = {over: row(credit_over=over) for over in (None, 0.0, 1234.5)}
	assert (shown[None]["credit"], shown[0.0]["credit"]) == ("No limit", "Within the limit, before tax")
	assert "1,234.5" in shown[1234.5]["credit"] and shown[1234.5]["credit"].endswith(" over the limit, before tax")
	assert [one["credit_over"] for one in shown.values()] == [0, 0, 1234.5]


@pytest.mark.parametrize(("days", "late"), [(-1, True), (0, False), (1, False), (None, False)])
def test_a_request_is_late_from_the_day_after(site, days, late):
	day = None if days is None else user_today() + timedelta(days=days)
	assert row(delivery_date=day)["late"] is late


def test_a_row_says_whose_it_is_and_how_long_it_waits(site):
	rep = USERS["rep"][0]
	found = row(
		customer="C", customer_name="Northwind", base_amount=5, po_no="P-1", sales_owner=rep, returned_by=rep, return_reason="Why",
		returned_on="2026-06-10 10:00:00", requested_on=f"{user_today() - timedelta(days=3)} 23:00:00",
	)  # fmt: skip
	name = frappe.utils.get_fullname(rep)
	told = {
		key: found[key]
		for key in ("request", "customer", "customer_name", "value", "currency", "waiting_days", "po_no")
	}
	assert told == {
		"request": "R", "customer": "C", "customer_name": "Northwind", "value": 5, "currency": "EUR", "waiting_days": 3,
		"po_no": "P-1",
	}  # fmt: skip
	assert (found["sales_owner"], found["returned_by"], found["return_reason"], found["returned_on"]) == (
		name, name, "Why", "2026-06-10 10:00:00",
	)  # fmt: skip
	nobody = row()
	assert [nobody[key] for key in ("sales_owner", "returned_by", "waiting_days")] == [None, None, None]


def test_the_queue_adds_up_and_is_of_those_who_may_read_requests(request_, facts, world, as_user):
	request_("A", base_amount=100)
	request_("B", base_amount=20)
	_columns, data, _message, _chart, summary = order_desk_queue.execute({"company": world.company})
	assert [one["request"].split()[0] for one in data] == ["A", "B"] and {one["currency"] for one in data} == {
		world.currency
	}
	assert [(card["label"], card["value"], card["datatype"], card.get("currency")) for card in summary] == [
		("Order Requests", 2, "Int", None), ("Net Amount", 120, "Currency", world.currency),
	]  # fmt: skip
	as_user("stranger")
	with refused(frappe.PermissionError):
		order_desk_queue.execute({"company": world.company})


def test_the_numbers_above_the_queue_open_its_requests_the_longest_waiting_first(request_, world):
	for key, day, amount in (("A", 12, 7), ("B", 10, 5), ("C", 11, 6)):
		request_(key, requested_on=f"2026-06-{day} 10:00:00", base_amount=amount)
	request_("back", status=RETURNED, docstatus=2)
	asked = QueueScope.of({"company": world.company})
	page = figure_documents.of_queue(asked)
	assert [(row.name.split()[0], row.doctype, row.base_amount) for row in page["documents"]] == [
		("B", REQUEST, 5), ("C", REQUEST, 6), ("A", REQUEST, 7),
	]  # fmt: skip
	assert page["total"] == 3
	assert [row.name.split()[0] for row in figure_documents.of_queue(asked, 1)["documents"]] == ["C", "A"]
	of_returned = QueueScope.of({"company": world.company, "status": RETURNED})
	assert [row.name.split()[0] for row in figure_documents.of_queue(of_returned)["documents"]] == ["back"]
