"""What the page of a customer or prospect shows, in the order in which it is asked for: first what one has to know before
calling, then the figures that take the whole history."""

from dataclasses import asdict, replace
from datetime import date

import frappe
from frappe.utils import add_months, get_first_day, getdate, nowdate

from crm_pipeline.customers import (
	bought_items,
	credit_lines,
	customer_timeline,
	delivered_unbilled,
	gross_margin,
	last_contact,
	open_business,
	open_receivables,
	party_facts,
	turnover,
)
from crm_pipeline.customers.asked_party import CUSTOMER, PROSPECT, AskedParty
from crm_pipeline.customers.customer_timeline import Timeline
from crm_pipeline.receivables.debts import Debts
from crm_pipeline.relations import customer_relations
from crm_pipeline.user_day import user_today
from crm_pipeline.warnings import customer_warnings

MONTHS = 12


def first_paint(asked: AskedParty) -> dict:
	"""{"party", "warnings", "open", "unbilled", "receivables", "contact", "kinds",
	"timeline"}; parts that the reader may not see are None."""
	now = asked.without_period()
	debts = open_receivables.debts_of(now) if asked.is_customer else None
	return {
		"party": party_facts.of_party(asked),
		"warnings": warnings(asked, debts),
		"open": open_business.all_of(now),
		"unbilled": delivered_unbilled.of_party(now) if asked.is_customer else None,
		"receivables": open_receivables.of_party(now, debts=debts) if asked.is_customer else None,
		"contact": last_contact.of_party(now),
		"kinds": customer_timeline.offered_kinds(asked),
		"timeline": customer_timeline.page_of(Timeline(asked)),
	}


def people(asked: AskedParty) -> dict:
	"""{"people", "relations", "addresses"}: who can be reached there, and who is related to them; parts that the reader may
	not see are None. Not part of the first paint: for Contact and Address the framework reads every permission of the site."""
	return {
		"people": party_facts.people(asked, user_today()),
		"relations": customer_relations.of_customer(asked.name, user_today()) if asked.is_customer else None,
		"addresses": party_facts.addresses(asked),
	}


def figures(asked: AskedParty) -> dict:
	"""{"from_date", "to_date", "credit", "turnover", "margin", "items", "group"} of a Customer, over the period asked for,
	else the last twelve months; parts that the reader may not see are None."""
	first, last = period_of(asked)
	asked = replace(asked, from_date=first, to_date=last)
	revenue = turnover.by_month(asked)
	companies = sorted({row["company"] for row in revenue or ()})
	return {
		"from_date": first,
		"to_date": last,
		"credit": credit_lines.of_party(asked),
		"turnover": revenue,
		"margin": None if revenue is None else gross_margin.by_month(asked, companies),
		"items": bought_items.of_party(asked),
		"group": group(asked),
	}


def period_of(asked: AskedParty) -> tuple[date, date]:
	today = getdate(nowdate())
	last = asked.to_date or max(today, asked.from_date or today)
	return asked.from_date or getdate(get_first_day(add_months(last, 1 - MONTHS))), last


def group(asked: AskedParty) -> dict | None:
	"""What a parent company and the customers below it come to together, as far as the reader may see them: {"customers":
	[{"name", "title"}], "open", "unbilled", "receivables", "turnover"}; None where there is nobody below it."""
	below = customer_relations.group_of(asked.name)
	if not below:
		return None
	rows = frappe.get_list(
		CUSTOMER,
		filters={"name": ("in", below)},
		fields=["name", "customer_name as title"],
		order_by="customer_name asc, name asc",
		limit=0,
	)
	all_of = asked.of_group((asked.name, *(row.name for row in rows)))
	now = all_of.without_period()
	return {
		"customers": rows,
		"open": [open_business.part_of(now, kind, 0) for kind in open_business.KINDS if open_business.may_see(kind)],
		"unbilled": delivered_unbilled.of_party(now),
		"receivables": open_receivables.of_party(now),
		"turnover": turnover.by_month(all_of),
	}


def panel(asked: AskedParty) -> dict:
	"""What a form beside the page shows in a few lines: {"warnings", "receivables", "orders", "contact"}."""
	orders = open_business.BY_DOCTYPE["Sales Order"]
	counts = asked.is_customer and open_business.may_see(orders)
	debts = open_receivables.debts_of(asked) if asked.is_customer else None
	return {
		"warnings": warnings(asked, debts),
		"receivables": open_receivables.of_party(asked, debts=debts) if asked.is_customer else None,
		"orders": open_business.part_of(asked, orders, 0) if counts else None,
		"contact": last_contact.of_party(asked),
	}


def warnings(asked: AskedParty, debts: Debts | None = None) -> list[dict]:
	"""What to know before calling, the worst first; the shape is that of warnings/customer_warnings.py."""
	return [asdict(row) for row in customer_warnings.of_party(asked.doctype, asked.name, asked.company, debts=debts)]


def asked_of(doctype: str, name: str, company: str | None, from_date: date | None, to_date: date | None) -> AskedParty:
	return AskedParty(doctype, (name,), company, from_date, to_date)


def name_now(doctype: str, name: str) -> str:
	"""The name that a customer or prospect has now, where it was renamed or merged into another one since. What the
	framework noted then is all that is left of the old name; one that nobody has had stays as it is."""
	if doctype not in (CUSTOMER, PROSPECT) or frappe.db.exists(doctype, name):
		return name
	noted = f"<strong>{name}</strong>".replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
	rows = frappe.get_all(
		"Comment",
		filters={"reference_doctype": doctype, "comment_type": "Edit", "content": ("like", f"%{noted}%")},
		pluck="reference_name",
		order_by="creation desc",
		limit=1,
	)
	return rows[0] if rows else name
