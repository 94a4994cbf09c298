"""The numbers of a workspace: by function (rep, manager, order desk, finance), all of one scope that the workspace prints.

A word means here what it means on the pages: *Signed* and *Past Expected Close* are the forecast's, by its own query
(deal_values.py), *Open Deals* add up to the boards' columns, each deal once, and *Stalled* is the mark that the report lists.
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import cint, flt, getdate, nowdate
from pypika import Case
from pypika.functions import NullIf

from crm_pipeline import user_day
from crm_pipeline.analytics import deal_values, figure_documents, forecast_totals, scope
from crm_pipeline.analytics.deal_values import Deals
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, ForecastScope
from crm_pipeline.core import activity
from crm_pipeline.core.forecast import OMITTED, period_of
from crm_pipeline.erp import open_items, order_figures
from crm_pipeline.orders.returned import settled

REP, MANAGER, ORDER_DESK, FINANCE = FUNCTIONS = ("rep", "manager", "order_desk", "finance")
REQUEST, CONTRACT, INVOICE, ORDER = "Sales Order Request", "Sales Contract", "Sales Invoice", "Sales Order"
# What a user has to be able to read for a function's numbers.
ABOUT = {REP: OPPORTUNITY, MANAGER: OPPORTUNITY, ORDER_DESK: REQUEST, FINANCE: REQUEST}
# The function of who has several is the first one.
ROLES = {
	MANAGER: ("Sales Manager", "Sales Master Manager", "System Manager"),
	ORDER_DESK: ("Order Desk",),
	REP: ("Sales User",),
	FINANCE: ("Accounts User", "Accounts Manager"),
}

WON, OPEN, PAST_CLOSE, STALLED, UNPLANNED = DEAL_KEYS = ("won", "open", "past_close", "stalled", "unplanned")
SOON_DAYS = 7
# A list takes its filters in an address, which servers cut off at some 4,000 characters.
MOST_NAMES = 100


@dataclass(frozen=True)
class Number:
	"""A number with its name: `amount` (company currency) in front of `count` documents where it is the point, `is_late`
	for what should be none. `doctype` and `filters` are those of a list of exactly these documents, None of a number of
	deals; `rows` are these documents, (name, amount or None)."""

	key: str
	label: str
	count: int
	amount: float | None = None
	shows_amount: bool = False
	is_late: bool = False
	doctype: str | None = None
	filters: list | None = None
	rows: tuple[tuple[str, float | None], ...] = ()

	def shown(self) -> dict:
		"""What a workspace is sent of it: all but its documents, which endpoint get_documents_of_number lists."""
		return {name: value for name, value in asdict(self).items() if name != "rows"}


def function_of(user: str) -> str:
	"""What somebody is in the company first of all, by their roles."""
	roles = set(frappe.get_roles(user))
	return next((function for function in ROLES if roles & set(ROLES[function])), REP)


def numbers_of(function: str, company: str, today: date | None = None) -> dict:
	"""{"function", "scope", "company", "currency", "numbers": [Number as dict]} of what the user may see."""
	today = getdate(today or nowdate())
	deals = _of_deals(scope_of(function, company), today) if ABOUT[function] == OPPORTUNITY else []
	found = [*deals, *_listed_numbers(function, company, today)]
	return {
		"function": function,
		"scope": scope.line(scope_of(function, company), today=today),
		"company": company,
		"currency": scope.currency_of(company),
		"numbers": [number.shown() for number in found],
	}


def scope_of(function: str, company: str) -> ForecastScope:
	"""The scope that all numbers of a function share."""
	return ForecastScope(company, sales_owner=frappe.session.user if function == REP else None)


# ---- by function, beside the numbers of deals


def _listed_numbers(function: str, company: str, today: date) -> list[Number]:
	"""Those of documents that the user has a list of."""
	of = {REP: _of_rep, MANAGER: _of_manager, ORDER_DESK: _of_order_desk, FINANCE: _of_finance}[function]
	return [number for number in of(company, today) if number]


def _of_rep(company: str, today: date) -> list[Number | None]:
	mine = {"sales_owner": frappe.session.user}
	# As My Day has it: by the deadline, and until the day of the user ends.
	day = user_day.user_today() if today == getdate(nowdate()) else today
	ends = str(user_day.end_of(day, mine["sales_owner"]))
	due = [["status", "=", activity.PLANNED], ["sales_owner", "=", mine["sales_owner"]], ["due_on", "<", ends]]
	return [
		_listed("activities", _("Activities Due"), "Sales Activity", due, is_late=True),
		_listed("leads", _("Leads to Answer"), "Sales Lead", _new_leads(company, mine), is_late=True),
		_returned(company, mine),
	]


def _of_manager(company: str, today: date) -> list[Number | None]:
	asked = [["company", "=", company], ["status", "=", "Open"]]
	return [
		_listed("help", _("Help Wanted"), "Sales Help Request", asked, is_late=True),
		_listed("leads", _("Leads to Answer"), "Sales Lead", _new_leads(company, {}), is_late=True),
		_returned(company, {}),
	]


def _of_order_desk(company: str, today: date) -> list[Number | None]:
	waiting = [["company", "=", company], ["docstatus", "=", 1], ["status", "=", "Requested"]]
	soon = [*waiting, ["delivery_date", "<=", str(today + timedelta(days=SOON_DAYS))], ["delivery_date", "is", "set"]]
	drafts = [["company", "=", company], ["docstatus", "=", 0], ["crm_request_key", "is", "set"]]
	return [
		_listed("waiting", _("Requests Waiting"), REQUEST, waiting, "base_amount", is_late=True),
		_listed(
			"soon", _("Waiting, Delivery within {0} Days").format(SOON_DAYS), REQUEST, soon, "base_amount", is_late=True
		),
		_listed("drafts", _("Orders Not Submitted"), ORDER, drafts, "base_net_total", is_late=True),
		_late_deliveries(company, today),
		_returned(company, {}),
	]


def _late_deliveries(company: str, today: date) -> Number | None:
	"""Orders past their day of which something is left: of services that are billed nothing is."""
	if not frappe.has_permission(ORDER, "read"):
		return None
	late = {
		"company": company,
		"docstatus": 1,
		"status": ("not in", ("Closed", "Completed", "On Hold")),
		"delivery_date": ("<", str(today)),
		"per_delivered": ("<", 100),
		"skip_delivery_note": 0,
	}
	rows = frappe.get_list(ORDER, filters=late, fields=["name", "base_net_total"], order_by="name asc", limit=0)
	left = order_figures.with_something_to_deliver([row.name for row in rows])
	found = {row.name: flt(row.base_net_total) for row in rows if row.name in left}
	return _named("late", _("Deliveries Late"), ORDER, found, sum(found.values()), is_late=True)


def _of_finance(company: str, today: date) -> list[Number | None]:
	active = [["company", "=", company], ["docstatus", "=", 1], ["status", "=", "Active"]]
	return [
		_listed("contracts", _("Active Contracts"), CONTRACT, active, "base_amount", shows_amount=True),
		_difference("unbilled", _("Ordered, Not Billed"), company, "ordered_amount", "billed_amount"),
		_difference("unpaid", _("Billed, Not Paid"), company, "billed_amount", "paid_amount"),
		_overdue(company, today),
	]


# ---- deals


def _of_deals(asked: ForecastScope, today: date) -> list[Number]:
	labels = {
		OPEN: _("Open Deals"),
		WON: _("Signed This Month"),
		PAST_CLOSE: _("Past Expected Close"),
		STALLED: _("Stalled"),
		UNPLANNED: _("Without Next Step"),
	}
	sums = deal_sums(asked, today)
	return [
		Number(key, label, *sums[key], shows_amount=key in (OPEN, WON), is_late=key in (PAST_CLOSE, STALLED, UNPLANNED))
		for key, label in labels.items()
	]


def deal_sums(asked: ForecastScope, today: date) -> dict[str, tuple[int, float]]:
	"""{key: (deals, what they count with)} of opportunities and sales projects, each deal once."""
	found = dict.fromkeys(DEAL_KEYS, (0, 0.0))
	site = deal_values.look(asked.company)
	for doctype in forecast_totals.readable(asked, site):
		for keys in ((WON,), DEAL_KEYS[1:]):
			deals = Deals(doctype, asked, today, keys == (WON,), site=site)
			for key, counted in zip(keys, _sums(deals, keys), strict=True):
				found[key] = tuple(a + b for a, b in zip(found[key], counted, strict=True))
	return found


def _sums(deals: Deals, keys: tuple[str, ...]) -> list[tuple[int, float]]:
	terms = []
	for key in keys:
		condition = _condition(deals, key)
		value = _value(deals, key)
		value = Case().when(condition, value).else_(0) if condition is not None else value
		one = Case().when(condition, 1).else_(0) if condition is not None else None
		terms += [Sum(one) if one else Count("*"), Sum(value)]
	row = deals.query.select(*terms).run()[0]
	return [(cint(row[place]), flt(row[place + 1])) for place in range(0, len(row), 2)]


def _value(deals: Deals, key: str):
	"""Signed and past their close as the forecast counts them; the others with their own amount, as board and report do."""
	return deals.counted_value if key in (WON, PAST_CLOSE) else Coalesce(deals.deal.base_amount, 0)


def _condition(deals: Deals, key: str):
	"""Which of the open deals, or of the won ones, a number is about; None for all of them."""
	deal = deals.deal
	if key == WON:
		month = period_of(deals.today)
		return (deal.closed_on >= month.first) & (deal.closed_on <= month.last)
	return {
		OPEN: lambda: None,
		PAST_CLOSE: lambda: deals.is_overdue & (deals.category() != OMITTED),
		STALLED: lambda: deal.is_stalled == 1,
		UNPLANNED: lambda: NullIf(deal.next_step, "").isnull() & deal.next_step_date.isnull(),
	}[key]()


def documents_of(function: str, key: str, company: str, start: int = 0, today: date | None = None) -> dict:
	"""A page of the documents behind a number, the largest first; see figure_documents.py for the shape. None where the
	function has no such number, or the user no such list."""
	today = getdate(today or nowdate())
	if key not in DEAL_KEYS:
		number = next((one for one in _listed_numbers(function, company, today) if one.key == key), None)
		rows = sorted(number.rows, key=lambda row: (-flt(row[1]), row[0])) if number else []
		return figure_documents.page([(number.doctype, *row) for row in rows], start, company)
	asked = scope_of(function, company)
	site, found = deal_values.look(company), []
	for doctype in forecast_totals.readable(asked, site):
		deals = Deals(doctype, asked, today, key == WON, site=site)
		condition = _condition(deals, key)
		query = deals.query.where(condition) if condition is not None else deals.query
		rows = query.select(deals.deal.name, _value(deals, key)).run()
		found += [(doctype, name, flt(value)) for name, value in rows]
	found.sort(key=lambda row: (-row[2], row[1]))
	return figure_documents.page(found, start, company)


# ---- documents that a list shows


def _new_leads(company: str, mine: dict) -> list:
	there = ["nurture_until", "<=", str(user_day.user_today())]
	return [
		["company", "=", company],
		["status", "=", "New"],
		there,
		*([field, "=", value] for field, value in mine.items()),
	]


def _listed(key: str, label: str, doctype: str, filters: list, amount: str | None = None, **how) -> Number | None:
	"""The documents that a list with these filters shows; None where the user has no such list."""
	if not frappe.has_permission(doctype, "read"):
		return None
	rows = frappe.get_list(
		doctype, filters=filters, fields=["name", *([amount] if amount else [])], order_by="name asc", limit=0
	)
	total = sum(flt(row[amount]) for row in rows) if amount else None
	found = tuple((row.name, flt(row[amount]) if amount else None) for row in rows)
	return Number(key, label, len(rows), total, doctype=doctype, filters=filters, rows=found, **how)


def _returned(company: str, mine: dict) -> Number | None:
	"""Requests that came back and that nobody has sent again, of what may still be sold."""
	if not frappe.has_permission(REQUEST, "read"):
		return None
	filters = [["company", "=", company], ["status", "=", "Returned"], *([f, "=", value] for f, value in mine.items())]
	names = frappe.get_list(REQUEST, filters=filters, pluck="name", order_by="name asc", limit=0)
	done = settled(names)
	left = [name for name in names if name not in done]
	return _named("returned", _("Requests Returned"), REQUEST, dict.fromkeys(left), is_late=True)


def _difference(key: str, label: str, company: str, more: str, less: str) -> Number | None:
	"""What a request has come to, less how far it has come: of the requests where something is left."""
	if not frappe.has_permission(REQUEST, "read"):
		return None
	rows = frappe.get_list(
		REQUEST,
		filters={"company": company, "docstatus": 1, more: (">", 0)},
		fields=["name", more, less],
		order_by="name asc",
		limit=0,
	)
	digits = frappe.new_doc(REQUEST).precision(more)
	left = {row.name: flt(row[more] - row[less], digits) for row in rows}
	open_ones = {name: amount for name, amount in left.items() if amount > 0}
	return _named(key, label, REQUEST, open_ones, sum(open_ones.values()), shows_amount=True)


def _overdue(company: str, today: date) -> Number | None:
	"""Invoices with anything that was due before today, by their payment terms: an invoice's own day is that of its last one."""
	if not frappe.has_permission(INVOICE, "read"):
		return None
	owed = {"company": company, "docstatus": 1, "outstanding_amount": (">", 0)}
	names = frappe.get_list(INVOICE, filters=owed, pluck="name", order_by="due_date asc, name asc", limit=0)
	items = open_items.of_company(company, today, invoices=names)
	parts_of = {item.voucher_no: parts for item, _invoice, parts in open_items.with_parts(items)}
	late = [name for name in names if any(part.amount > 0 and part.due < today for part in parts_of.get(name, ()))]
	return _named("overdue", _("Invoices Overdue"), INVOICE, dict.fromkeys(late), is_late=True)


def _named(
	key: str, label: str, doctype: str, found: dict[str, float | None], amount: float | None = None, **how
) -> Number:
	filters = [["name", "in", list(found)[:MOST_NAMES]]] if found else []
	rows = tuple(found.items())
	return Number(key, label, len(found), amount, doctype=doctype, filters=filters, rows=rows, **how)
