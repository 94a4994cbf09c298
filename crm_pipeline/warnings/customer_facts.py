"""What is known of a customer or prospect, as this reader may know it: the facts that core/warnings.py judges.

The number of queries does not grow with the history. Amounts are told to who may read Sales Invoices, of the invoices that
they may read, and to sales of those that they have to ask for (receivables/seen_invoices.py).
"""

from datetime import date, timedelta

import frappe
from frappe.utils import cint, flt, get_datetime, getdate, now_datetime

from crm_pipeline.chain.status import open_states
from crm_pipeline.core import ageing
from crm_pipeline.core import warnings as rules
from crm_pipeline.core.cases import COMPLAINT
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.warnings import CustomerFacts, Rules
from crm_pipeline.erp import credit_use, open_items, prices
from crm_pipeline.receivables import seen_credit, seen_invoices
from crm_pipeline.receivables.debts import Debts
from crm_pipeline.wording import text_of

CASE, INVOICE = "Customer Case", "Sales Invoice"
# ERPNext's own, where the site has them: {DocType: (title, opened on, states in which nothing is left to do)}.
NATIVE_CASES = {
	"Issue": ("subject", "opening_date", ("Resolved", "Closed")),
	"Warranty Claim": ("complaint", "complaint_date", ("Closed", "Cancelled")),
}
# Cases, contacts and the like that are looked at, the latest first.
MOST, MOST_CONTACTS = 200, 60


def facts_of(
	doctype: str,
	name: str,
	company: str | None,
	how: Rules,
	everything: bool = False,
	apart_from: tuple[str, str] | None = None,
	debts: Debts | None = None,
) -> CustomerFacts:
	"""What is known of a party; with `everything` past the reader's rights, for a decision of which only the outcome is
	told. What the site wants to hear nothing of is not asked for. `debts` are those of the party, where they are known already."""
	ask = Asker(doctype, name, company, everything, apart_from, debts)
	wanted = {kind for kind in rules.KINDS if how.of(kind) != rules.NONE}
	if everything:
		wanted = {kind for kind in rules.KINDS if how.of(kind) in (rules.STOPS, rules.STOP_SEVERE)}

	def asked(step, *kinds, nothing=()):
		return step() if wanted & set(kinds) else nothing

	cases = asked(ask.cases, rules.COMPLAINT, rules.REQUEST)
	deals = asked(ask.deals, rules.STALLED)
	if doctype != "Customer":
		return CustomerFacts(cases=cases, deals=deals)
	state = frappe.db.get_value("Customer", name, ["disabled", "is_frozen"], as_dict=True)
	contacts, heard_of_on = asked(ask.contacts, rules.SILENT, nothing=((), None))
	return CustomerFacts(
		disabled=bool(state.disabled),
		frozen=bool(state.is_frozen),
		cases=(*cases, *asked(ask.native_cases, rules.COMPLAINT)),
		overdue=asked(ask.overdue, rules.OVERDUE),
		credit=asked(ask.credit, rules.CREDIT),
		promises=asked(ask.promises, rules.PROMISE),
		contracts=asked(lambda: ask.contracts(how.contract_days), rules.CONTRACT),
		deals=deals,
		contacts=contacts,
		heard_of_on=heard_of_on,
	)


class Asker:
	"""Asks for the facts of one party, one query each or a fixed number."""

	def __init__(self, doctype: str, name: str, company: str | None, everything: bool, apart_from, debts):
		self.apart_from, self.debts = apart_from, debts
		self.field = "customer" if doctype == "Customer" else "prospect"
		self.name, self.company, self.everything = name, company, everything

	def may_read(self, doctype: str) -> bool:
		if not frappe.db.exists("DocType", doctype):
			return False
		return self.everything or bool(frappe.has_permission(doctype, "read"))

	def rows(self, doctype: str, fields: list[str], order_by: str, limit: int = MOST, **filters) -> list[dict]:
		"""Documents of the party, as far as they may be seen; none of a type that the site or the user does not have."""
		if not self.may_read(doctype):
			return []
		about = {self.field: self.name, **filters}
		if self.apart_from and self.apart_from[0] == doctype:
			about["name"] = ("!=", self.apart_from[1])
		if self.company and frappe.get_meta(doctype).has_field("company"):
			about["company"] = self.company
		# What decides a hand-off is counted whole; see facts_of.
		query = frappe.get_all if self.everything else frappe.get_list
		return query(doctype, filters=about, fields=fields, order_by=order_by, limit=limit)

	def cases(self) -> tuple[rules.OpenCase, ...]:
		rows = self.rows(
			CASE,
			["name", "subject", "kind", "severity", "status", "opened_on", "due_by"],
			"opened_on asc, name asc",
			status=("in", open_states(CASE)),
		)
		severe = _severe({row.severity for row in rows})
		return tuple(
			rules.OpenCase(
				CASE,
				row.name,
				row.subject,
				get_datetime(row.opened_on),
				complaint=row.kind == COMPLAINT,
				severe=row.severity in severe,
				severity=row.severity,
				# While we wait for the customer nothing is late.
				due_by=get_datetime(row.due_by) if row.due_by and row.status != "Waiting" else None,
			)
			for row in rows
		)

	def native_cases(self) -> tuple[rules.OpenCase, ...]:
		found = []
		for doctype, (title, opened, closed) in NATIVE_CASES.items():
			rows = self.rows(
				doctype,
				["name", title, opened, "creation"],
				f"{opened} asc, name asc",
				status=("in", open_states(doctype, closed)),
			)
			found += [
				rules.OpenCase(
					doctype,
					row.name,
					text_of(row[title])[:140] or row.name,
					get_datetime(row[opened] or row.creation),
				)
				for row in rows
			]
		return tuple(found)

	def overdue(self) -> tuple[rules.OverdueMoney, ...]:
		"""By the rule of all screens. Who sells and reads no Sales Invoices hears of those that they have to ask for, without
		a link: they may not open it."""
		may_open, debts = self.may_read(INVOICE), self.debts or Debts([self.name], getdate(), self.company)
		if self.everything:
			owed = debts.all()
		elif may_open:
			owed = debts.readable
		elif set(seen_invoices.SALES_ROLES) & set(frappe.get_roles()):
			owed = debts.of_own_sales()
		else:
			return ()
		found = []
		for company, documents in owed.items():
			money = ageing.overdue(documents, debts.day)
			if money:
				currency, name = prices.company_currency(company), money.name if may_open else None
				found.append(rules.OverdueMoney(company, currency, money.amount, money.documents, money.oldest, name))
		return tuple(sorted(found, key=lambda money: money.oldest))

	def credit(self) -> tuple[rules.CreditUse, ...]:
		return tuple(
			rules.CreditUse(company, prices.company_currency(company), limit, used)
			for company, limit, used in credit_use.of_customer(self.name, self._companies())
		)

	def _companies(self) -> list[str]:
		if not self.everything:
			return seen_credit.companies(self.company)[: credit_use.MOST_COMPANIES]
		if self.company:
			return [self.company]
		return frappe.get_all("Company", pluck="name", order_by="name asc", limit=credit_use.MOST_COMPANIES)

	def promises(self) -> tuple[rules.BrokenPromise, ...]:
		"""Broken ones of invoices that are still owed: what was paid late, or credited, is over."""
		rows = self.rows(
			"Promise to Pay",
			["name", "promised_on", "amount", "currency", "sales_invoice"],
			"promised_on desc, name asc",
			status="Broken",
		)
		if not rows:
			return ()
		owed = open_items.owed_of_each({row.sales_invoice for row in rows}, getdate())
		return tuple(
			rules.BrokenPromise(row.name, getdate(row.promised_on), flt(row.amount), row.currency or "")
			for row in rows
			if owed[row.sales_invoice] > ageing.TOLERANCE
		)

	def contracts(self, days: int) -> tuple[rules.EndingContract, ...]:
		until = getdate() + timedelta(days=days)
		rows = self.rows(
			"Sales Contract",
			["name", "title", "end_date"],
			"end_date asc, name asc",
			docstatus=1,
			status="Active",
			end_date=("between", (getdate(), until)),
		)
		return tuple(rules.EndingContract(row.name, row.title or row.name, getdate(row.end_date)) for row in rows)

	def deals(self) -> tuple[rules.StalledDeal, ...]:
		return tuple(
			rules.StalledDeal(doctype, row.name, row.title, cint(row.stalled_score))
			for doctype in DEALS
			for row in self.rows(
				doctype, ["name", "title", "stalled_score"], "stalled_score desc, name asc", status=OPEN, is_stalled=1
			)
		)

	def contacts(self) -> tuple[tuple[date, ...], date | None]:
		"""Days on which there was an order or an activity, as the user may see them; and the last one of all, so that
		nobody is called silent whom somebody else spoke to yesterday."""
		seen: set[date] = set()
		last: list[date] = []
		now = now_datetime()
		for doctype, day, filters in (
			("Sales Order", "transaction_date", {"docstatus": 1, "transaction_date": ("<=", now.date())}),
			("Sales Activity", "starts_on", {"status": "Done", "starts_on": ("<=", now)}),
		):
			# Both the same way, so that an index by customer and day answers it.
			order = f"{day} desc, name desc"
			seen |= {getdate(row[day]) for row in self.rows(doctype, [day], order, MOST_CONTACTS, **filters)}
			about = {self.field: self.name, **filters}
			latest = frappe.get_all(doctype, filters=about, pluck=day, order_by=order, limit=1)
			last += [getdate(latest[0])] if latest else []
		return tuple(seen), max(last, default=None)


def _severe(severities: set[str]) -> set[str]:
	if not severities:
		return set()
	return set(
		frappe.get_all(
			"Case Severity",
			filters={"name": ("in", sorted(severities)), "is_severe": 1},
			pluck="name",
			order_by="name asc",
		)
	)
