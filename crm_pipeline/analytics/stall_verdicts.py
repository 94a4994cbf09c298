"""Stalled deals: judged by core/stalled.py, stored on the deal, explained in the reader's language.

Stored are score, mark and the numbers behind each reason. They follow each save of a deal and what is
recorded about it; a nightly job follows the calendar.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import add_days, cint, flt, fmt_money, formatdate, getdate, now_datetime

from crm_pipeline.analytics import deal_dwell, deal_facts, scope, stalled_rules
from crm_pipeline.chain import jobs, locks, system_fields
from crm_pipeline.chain.locks import is_lost_race, locked_doc
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.stalled import ACKNOWLEDGED, IN_TOUCH, NEW, WORKED_ON, Reason, Verdict, judge
from crm_pipeline.leads import origins
from crm_pipeline.user_day import is_over
from crm_pipeline.wording import bold, number

COLUMNS = ("stalled_score", "is_stalled", "stalled_reasons")
CLEAR = Verdict(0, (), False)
CHUNK = 500
ACKNOWLEDGED_AT_MOST = 90


# ---- judging and storing


def verdicts(
	doctype: str, names: list[str], now: datetime | None = None, projects: dict[str, str] | None = None
) -> dict[str, Verdict]:
	"""{name: verdict} of all these deals; closed ones and those judged by their project are clear. `projects` as
	deal_facts.gather() takes it."""
	how = stalled_rules.rules()
	facts = deal_facts.gather(doctype, names, how, now or now_datetime(), projects) if names else {}
	return {name: judge(facts[name], how.thresholds) if name in facts else CLEAR for name in names}


def refresh(doctype: str, names: Iterable[str], now: datetime | None = None) -> int:
	"""Judge these deals anew and store what changed; answers how many changed.

	Written past permissions and without a new modification date: nobody did anything to the deal.
	"""
	return sum(changed for _values, changed in _refresh(doctype, names, now).values())


def _refresh(
	doctype: str, names: Iterable[str], now: datetime | None = None, projects: dict[str, str] | None = None
) -> dict[str, tuple[dict, bool]]:
	"""{name: (COLUMNS as they are stored now, whether they changed)}."""
	found = verdicts(doctype, list(names), now, projects)
	stored = frappe.get_all(
		doctype, filters={"name": ("in", list(found) or [""])}, fields=["name", *COLUMNS], order_by="name asc", limit=0
	)
	known = {}
	for row in stored:
		values = columns_of(found[row.name])
		changed = any((row[column] or 0) != (value or 0) for column, value in values.items())
		known[row.name] = (values if changed else {column: row[column] for column in COLUMNS}, changed)
		if changed:
			if locks.is_guest():
				locks.lock((doctype, row.name))
			frappe.db.set_value(doctype, row.name, values, update_modified=False)
	return known


def columns_of(verdict: Verdict) -> dict:
	reasons = {reason.signal: reason.details for reason in verdict.reasons}
	return {
		"stalled_score": verdict.score,
		"is_stalled": cint(verdict.stalled),
		"stalled_reasons": json.dumps(reasons) if reasons else None,
	}


def acknowledge(doctype: str, name: str, until: date, reason: str) -> None:
	"""Say why a deal is not stalled, and until when; kept on the deal, who said it with it in its history. Raises
	ValidationError without a reason, for a day that has passed or is more than ACKNOWLEDGED_AT_MOST days ahead."""
	if is_over(until) or getdate(until) > add_days(getdate(), ACKNOWLEDGED_AT_MOST):
		frappe.throw(
			_("{0} must be a day within the next {1} days").format(_("Not Stalled Until"), ACKNOWLEDGED_AT_MOST)
		)
	if not reason.strip():
		frappe.throw(_("Please say why the deal is not stalled"), frappe.MandatoryError)
	deal = locked_doc(doctype, name)
	if deal.status != OPEN:
		frappe.throw(_("{0} {1} is closed").format(_(doctype), bold(name)))
	system_fields.write(deal, not_stalled_until=until, not_stalled_reason=reason)
	deal.save()


def follow(doc) -> None:
	"""Part of on_change() of a deal: its own verdict, and those of what it came from or runs as."""
	values, _changed = follow_deal(doc.doctype, doc.name).get(doc.name, ({}, False))
	doc.update(values)
	if doc.get("source_type") == "Sales Opportunity" and doc.source_name:
		refresh(doc.source_type, [doc.source_name])


def follow_deal(doctype: str, name: str) -> dict[str, tuple[dict, bool]]:
	"""Judge a deal anew; what is recorded on an opportunity counts for its projects too. Answers as _refresh()."""
	projects = deal_facts.projects_of([name]) if doctype == deal_facts.OPPORTUNITY else {}
	found = _refresh(doctype, [name], projects=projects)
	if projects:
		refresh(deal_facts.PROJECT, projects)
	return found


def follow_reference(doc) -> None:
	"""The verdict of the deal that an activity (or another record about it) belongs to."""
	if doc.reference_doctype in DEALS and doc.reference_name:
		follow_deal(doc.reference_doctype, doc.reference_name)
	elif doc.reference_doctype == origins.LEAD and doc.reference_name:
		for deal in origins.deals_of(doc.reference_name):
			follow_deal(*deal)


# ---- every night


def refresh_all() -> int:
	"""Daily job: judge all deals that are open or still marked, chunk by chunk; answers how many changed."""
	deal_dwell.forget_usual_dwell()
	return jobs.run("Judge Deals").changed


def chunks(after: list | None) -> list[tuple[str, str]]:
	"""(doctype, name after which a chunk begins) of all chunks, or of those that follow `after`."""
	found = []
	for doctype in DEALS:
		last = ""
		while names := _names_after(doctype, last):
			found.append((doctype, last))
			last = names[-1]
	if not after:
		return found
	return [chunk for chunk in found if (DEALS.index(chunk[0]), chunk[1]) > (DEALS.index(after[0]), after[1])]


def refresh_chunk(doctype: str, after: str = "", now: datetime | None = None) -> int:
	"""Judge the next deals by name; answers how many changed.

	Each chunk is a transaction of its own, so that an interruption loses one chunk at most. Where one can't be
	judged together, its deals are judged one by one, and those that fail are logged.
	"""
	names = _names_after(doctype, after)
	changed = _refresh_if_possible(doctype, names, now)
	if changed is None:
		changed = sum(_refresh_if_possible(doctype, [name], now) or 0 for name in names)
	return changed


def _refresh_if_possible(doctype: str, names: list[str], now: datetime | None) -> int | None:
	"""How many changed; None when judging failed, with nothing stored. A lost race is raised."""
	frappe.db.savepoint("crm_pipeline_stalled")
	try:
		return refresh(doctype, names, now)
	except Exception as error:
		if is_lost_race(error):
			raise
		frappe.db.rollback(save_point="crm_pipeline_stalled")
		if len(names) == 1:
			frappe.log_error(
				title="CRM Pipeline: stalled deals", message=f"{doctype} {names[0]}\n{frappe.get_traceback()}"
			)
		return None


def _names_after(doctype: str, after: str) -> list[str]:
	deal = frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(deal)
		.select(deal.name)
		.where((deal.status == OPEN) | (deal.stalled_score > 0) | (deal.is_stalled == 1))
		.where(deal.name > after)
		.orderby(deal.name)
		.limit(CHUNK)
	).run()
	return [name for (name,) in rows]


# ---- in words


def signal_labels() -> dict[str, str]:
	return {
		"over_dwell": _("Too Long in Its Stage"),
		"silent": _("No Word from the Customer"),
		"pushed": _("Close Date Pushed"),
		"overdue_close": _("Close Date Has Passed"),
		"no_next_step": _("No Next Step"),
		"no_decision_maker": _("No Decision Maker"),
		"no_quotation": _("No Quotation"),
		"odd_amount": _("Unusual Amount"),
	}


def sentence(signal: str, details: dict, currency: str | None = None) -> str:
	"""One reason as a sentence in the reader's language."""
	days = _days(details.get("days"))
	if signal == "over_dwell" and "usual" in details:
		return _("{0} in this stage; most won deals took no more than {1}").format(days, number(details["usual"]))
	if signal == "over_dwell":
		return _("{0} in this stage, which expects {1}").format(days, number(details.get("limit")))
	if signal == "silent":
		return _("No word from the customer for {0}").format(days)
	if signal == "pushed":
		times = cint(details.get("times"))
		return (
			_("The close date was pushed once")
			if times == 1
			else _("The close date was pushed {0} times").format(times)
		)
	if signal == "overdue_close":
		return _("The expected close passed {0} ago").format(days)
	if signal == "no_next_step":
		return _("The next step was due {0} ago").format(days) if days else _("No next step is planned")
	if signal == "no_decision_maker":
		return _("No decision maker is among the contacts")
	if signal == "no_quotation":
		return _("No quotation was submitted")
	if signal == "odd_amount":
		amount = fmt_money(flt(details.get("amount")), 0, currency)
		if details.get("above"):
			return _("{0} is far more than the customer usually buys for").format(amount)
		return _("{0} is far less than the customer usually buys for").format(amount)
	return signal


def _days(value) -> str:
	if value is None:
		return ""
	return _("1 day") if flt(value) == 1 else _("{0} days").format(number(value))


def sentences(stored: str | None, currency: str | None = None) -> list[str]:
	"""The reasons stored on a deal, in words; nothing where the column holds no reasons."""
	try:
		reasons = json.loads(stored or "{}")
	except ValueError:
		return []
	return [sentence(signal, details, currency) for signal, details in reasons.items()]


def health(doctype: str, name: str) -> dict:
	"""How a deal stands now: {"score", "stalled", "stalled_from", "spared": why it is not called stalled, in words,
	"reasons": [{"signal", "label", "text", "weight"}]}."""
	verdict = verdicts(doctype, [name])[name]
	deal = frappe.db.get_value(doctype, name, ["company", "not_stalled_until", "not_stalled_reason"], as_dict=True)
	currency = scope.currency_of(deal.company) if deal.company else None
	return {
		"score": verdict.score,
		"stalled": verdict.stalled,
		"stalled_from": stalled_rules.rules().thresholds.stalled_from,
		"spared": _spared_text(verdict.spared, deal),
		"reasons": [_explained(reason, currency) for reason in verdict.reasons],
	}


def _spared_text(spared: str, deal: dict) -> str:
	if spared == ACKNOWLEDGED:
		return _("Not stalled until {0}: {1}").format(formatdate(deal.not_stalled_until), deal.not_stalled_reason or "")
	words = {
		NEW: _("New deals are not judged yet"),
		IN_TOUCH: _("The customer took part lately"),
		WORKED_ON: _("The customer took part, and the next step is planned"),
	}
	return words.get(spared, "")


def _explained(reason: Reason, currency: str | None) -> dict:
	return {
		"signal": reason.signal,
		"label": signal_labels()[reason.signal],
		"text": sentence(reason.signal, dict(reason.details), currency),
		"weight": reason.weight,
	}
