"""What customers owe for longer than agreed: by invoice, or by sales owner, customer or contract; aged as in Accounts Receivable."""

from frappe import _

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import overdue
from crm_pipeline.analytics.overdue import CONTRACT, CUSTOMER, INVOICE, REP, Found, OverdueScope
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights
from crm_pipeline.core import ageing
from crm_pipeline.receivables import promise_states

ASK = "get_documents_of_overdue"


@report
def execute(filters: dict | None = None):
	rights.need(promise_states.PROMISE)
	asked = OverdueScope.of(filters)
	found = overdue.found(asked)
	data = rows(found, asked)
	return columns(asked.group_by), data, message(found), chart(found), summary(found, asked)


def columns(group_by: str) -> list[dict]:
	first = {
		INVOICE: [
			("voucher_type", "Data", _("Type"), 0, None),
			("voucher_no", "Dynamic Link", _("Document"), 150, "voucher_type"),
			("customer", "Link", _("Customer"), 170, "Customer"),
			("due_date", "Date", _("Due Date"), 115, None),
			("days", "Int", _("Days Overdue"), 115, None),
		],
		REP: [("sales_owner", "Link", _("Sales Owner"), 200, "User")],
		CUSTOMER: [("customer", "Link", _("Customer"), 200, "Customer")],
		CONTRACT: [
			("contract", "Link", _("Contract"), 160, "Sales Contract"),
			("customer", "Link", _("Customer"), 170, "Customer"),
		],
	}[group_by]
	amounts = [("overdue", "Currency", _("Overdue"), 120, "currency")]
	for place, label in enumerate(ageing.labels()):
		amounts.append((f"range{place + 1}", "Currency", label, 110, "currency"))
	amounts.append(("outstanding", "Currency", _("Outstanding"), 120, "currency"))
	if group_by == INVOICE:
		last = [
			("credit", "Currency", _("Credit Notes Not Set Off"), 120, "currency"),
			("promised_on", "Date", _("Promised On"), 115, None),
			("promised", "Currency", _("Promised"), 110, "own_currency"),
			("promise_status", "Data", _("Promise"), 90, None),
			("dunned_on", "Date", _("Last Dunning"), 115, None),
			("sales_owner", "Link", _("Sales Owner"), 160, "User"),
			("sales_person", "Link", _("Sales Person"), 130, "Sales Person"),
			("contract", "Link", _("Contract"), 140, "Sales Contract"),
			("sales_order", "Link", _("Sales Order"), 140, "Sales Order"),
		]
	else:
		last = [("documents", "Int", _("Documents"), 90, None)]
	return [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		| ({} if width else {"hidden": 1})
		for name, kind, label, width, options in (*first, *amounts, *last)
	]


def rows(found: Found, asked: OverdueScope) -> list[dict]:
	if asked.group_by == INVOICE:
		return [_row(row, asked) for row in found.debts]
	return [_group(group, asked) for group in overdue.grouped(found.debts, asked.group_by)]


def _row(row: overdue.Row, asked: OverdueScope) -> dict:
	promise, behind = row.promise or {}, row.behind
	return {
		"voucher_type": row.item.voucher_type,
		"voucher_no": row.item.voucher_no,
		"customer": row.item.customer,
		"customer_name": row.invoice.customer_name if row.invoice else None,
		"due_date": row.due_date,
		"days": (asked.day - row.due_date).days,
		"currency": asked.shown_currency,
		"own_currency": row.item.currency,
		"promise_name": promise.get("name"),
		"promised_on": promise.get("promised_on"),
		"promised": promise.get("amount"),
		"promise_status": _(promise["status"], context="Promise to Pay") if promise else None,
		"credit": row.credit or None,
		"dunned_on": row.dunned_on,
		"sales_owner": behind.sales_owner,
		"sales_person": behind.sales_person,
		"contract": behind.contract,
		"sales_order": behind.order,
		**_amounts(row),
	}


def _group(group: overdue.Group, asked: OverdueScope) -> dict:
	row = group.rows[0]
	return {
		"key": group.key,
		"sales_owner": row.behind.sales_owner,
		"contract": row.behind.contract,
		"customer": row.item.customer if asked.group_by == CUSTOMER or group.key else None,
		"documents": len(group.rows),
		"currency": asked.shown_currency,
		**_amounts(group),
	}


def _amounts(row: overdue.Row | overdue.Group) -> dict:
	ages = {f"range{place + 1}": amount for place, amount in enumerate(row.ages)}
	return {"overdue": row.overdue, "outstanding": row.outstanding, **ages}


def message(found: Found) -> str | None:
	if not found.credits:
		return None
	return _("Payments and credit notes that are set off against nothing are not in the rows; Net takes them off.")


def chart(found: Found) -> dict | None:
	"""What is overdue by age."""
	if not found.debts:
		return None
	ages = found.ages
	asks = [{**_ask(), "args": {"bucket": place}} for place in range(len(ages))]
	return {
		"type": "bar",
		"data": {
			"labels": ageing.labels(),
			"datasets": [{"name": _("Overdue"), "values": ages, "asks": asks}],
		},
		"fieldtype": "Currency",
		"colors": [colours.AT_RISK],
	}


def _ask() -> dict:
	return {"doctype": "Sales Invoice", "method": ASK}


def summary(found: Found, asked: OverdueScope) -> list[dict]:
	money = {"datatype": "Currency", "currency": asked.shown_currency}
	numbers = [
		{"value": len(found.debts), "label": _("Documents"), "datatype": "Int", "ask": _ask()},
		{"value": found.overdue, "label": _("Overdue"), "ask": _ask(), **money},
	]
	if found.credits:
		numbers += [
			{"value": found.credited, "label": _("Credits Not Set Off"), **money},
			{"value": found.overdue - found.credited, "label": _("Net"), **money},
		]
	return numbers
