"""The cost gate: no quotation of a deal before its cost is known and, by setting, none below a margin.

It concerns quotations that came from an opportunity or a project, or from a lead that became one, and does
nothing while it is off.
"""

import frappe
from frappe import _
from frappe.utils import flt, fmt_money, get_link_to_form

from crm_pipeline.chain import estimates, graph, guard, ledger
from crm_pipeline.core import costing
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.erp import prices
from crm_pipeline.wording import bold

SETTINGS = "CRM Pipeline Settings"
OFF = "Off"
WITH_FLOOR = "Estimate and Margin"
REASON = "crm_margin_override_reason"


class CostGateError(frappe.ValidationError):
	"""A quotation whose deal has no approved estimate, or whose margin is too low."""


# ---- events of Quotation


def before_insert(doc):
	"""A reason given for one version is none for the next."""
	guard.follow(doc, lambda: doc.set(REASON, None) if doc.get("amended_from") and doc.get(REASON) else None)


def before_submit(doc):
	"""Refuse the quotation or note who let it pass; see `check`."""
	guard.check(doc, lambda: _check_if_concerned(doc))


def _check_if_concerned(doc) -> None:
	if is_on() and _deals(graph.source_of(doc)):
		check(doc)


def before_update_after_submit(doc):
	"""ERPNext 16 changes rows of submitted quotations: what would have been refused then is refused now."""
	guard.check(doc, lambda: None if _same_offer(doc) else _check_if_concerned(doc))


def _same_offer(doc) -> bool:
	before = doc.get_doc_before_save()
	return bool(before) and _offer(before) == _offer(doc)


def on_change(doc):
	"""A quotation leaves its deal by override only: without its source it would pass the gate unseen."""
	guard.check(doc, lambda: check_leaving(doc))


def check_leaving(doc) -> None:
	if not is_on():
		return
	source = _stored_source(doc)
	deals = _deals(source) if source != graph.source_of(doc) else []
	# One save may report a change more than once.
	if not deals or doc.flags.crm_left == source:
		return
	reason = _reason_or_refusal(
		doc,
		[
			_("{0}: without {1} {2} this quotation would pass the cost gate unseen.").format(
				bold(_("Source")), _(source.doctype), get_link_to_form(source.doctype, source.name)
			)
		],
		_("You may change it nevertheless: use the button Override Cost Gate and give a reason."),
		_("Leave it, or make another quotation where this one belongs."),
	)
	doc.flags.crm_left = source
	_log(doc, deals[0], [_("Taken off: {0}").format(f"{_(source.doctype)} {source.name}")], reason)


def _stored_source(doc) -> Ref | None:
	"""Where a quotation, or the version that it amends, came from before this save."""
	before = doc.get_doc_before_save()
	if not before and doc.get("amended_from"):
		before = frappe.db.get_value(doc.doctype, doc.amended_from, graph.source_fields(doc.doctype), as_dict=True)
		before = before and frappe._dict(before, doctype=doc.doctype)
	return graph.source_of(before) if before else None


def _offer(doc) -> list[tuple]:
	return [(row.item_code, flt(row.qty), flt(row.conversion_factor), flt(row.base_net_amount)) for row in doc.items]


# ---- the decision


def is_on() -> bool:
	return (frappe.db.get_single_value(SETTINGS, "cost_gate") or OFF) != OFF


def check(quotation) -> None:
	"""Raises CostGateError with all that is missing, unless the user may override it and has given a reason."""
	floor = margin_floor()
	deals = _deals(graph.source_of(quotation))
	estimate = estimates.approved(deals, quotation.company)
	verdict = estimate and _judge(quotation, estimate, floor)
	problems = _problems(quotation, deals, estimate, verdict, floor)
	if not problems:
		return
	reason = _reason_or_refusal(
		quotation,
		problems,
		_("You may submit it nevertheless: use the button Override Cost Gate and give a reason."),
	)
	known = verdict and not verdict.missing
	found = [_("Margin: {0}").format(_percent(verdict.result.percentage) if known else _("not known"))]
	if floor is not None:
		found.append(_("Floor: {0}").format(_percent(floor)))
	_log(quotation, deals[0], found, reason)


def _reason_or_refusal(quotation, problems: list[str], hint: str, advice: str | None = None) -> str:
	"""The reason given by who may override; raises CostGateError with the problems for everybody else."""
	reason = (quotation.get(REASON) or "").strip()
	if not may_override():
		_refuse([*problems, *([advice] if advice else [])])
	if not reason:
		_refuse([*problems, hint])
	return reason


def may_override() -> bool:
	role = frappe.db.get_single_value(SETTINGS, "margin_override_role")
	return bool(role) and role in frappe.get_roles()


def margin_floor() -> float | None:
	"""The margin floor in percent; None when margins are not looked at."""
	if frappe.db.get_single_value(SETTINGS, "cost_gate") != WITH_FLOOR:
		return None
	return flt(frappe.db.get_single_value(SETTINGS, "margin_floor"))


def _deals(source: Ref | None) -> list[Ref]:
	return [ref for ref in _named_deals(source) if frappe.db.exists(ref.doctype, ref.name)]


def _named_deals(source: Ref | None) -> list[Ref]:
	"""The deals whose estimate counts for a quotation with this source, in the order in which they are asked:
	a project, and the opportunity that it was at its beginning; the deals that came of a lead. None: no gate."""
	if source and source.doctype == "Sales Lead":
		return [ref for ref in reversed(graph.descendants(source.doctype, source.name)) if ref.doctype in DEALS]
	if not source or source.doctype not in DEALS:
		return []
	if source.doctype != "Sales Project":
		return [source]
	before = frappe.db.get_value(source.doctype, source.name, ["source_type", "source_name"], as_dict=True)
	if before and before.source_type == "Sales Opportunity" and before.source_name:
		return [source, Ref(before.source_type, before.source_name)]
	return [source]


def _judge(quotation, estimate, floor: float | None) -> costing.Verdict:
	quoted = [
		costing.Quoted(
			idx=row.idx,
			item_code=row.item_code,
			stock_qty=flt(row.qty) * (flt(row.conversion_factor) or 1.0),
			net=flt(row.base_net_amount),
			alternative=bool(row.get("is_alternative")),
		)
		for row in quotation.items
	]
	estimated = [costing.Estimated(row.item_code, flt(row.stock_qty), flt(row.cost_amount)) for row in estimate.items]
	precision = estimate.precision("cost_amount")
	return costing.judge(quoted, estimated, flt(estimate.other_cost), floor, precision)


# ---- what is said and what is kept


def _problems(quotation, deals: list[Ref], estimate, verdict, floor) -> list[str]:
	if not estimate:
		return _no_estimate(deals)
	link = get_link_to_form("Cost Estimate", estimate.name)
	problems = [
		_("Row {0}: {1} is not in the cost estimate {2}").format(row.idx, bold(row.item_code), link)
		for row in verdict.missing
	]
	# Without the cost of every row the margin would be a guess.
	if verdict.below and not verdict.missing:
		currency = prices.company_currency(quotation.company)
		problems.append(
			_("The margin of {0} is below the floor of {1}: of {2} net, {3} are cost by the estimate {4}").format(
				bold(_percent(verdict.result.percentage, apart_from=floor)),
				bold(_percent(floor)),
				fmt_money(verdict.result.selling, currency=currency),
				fmt_money(verdict.result.cost, currency=currency),
				link,
			)
		)
	return problems


def _no_estimate(deals: list[Ref]) -> list[str]:
	deal = deals[0]
	problems = [
		_("{0} {1} has no approved cost estimate").format(_(deal.doctype), get_link_to_form(deal.doctype, deal.name))
	]
	waiting = estimates.drafts(deals)
	if waiting:
		links = ", ".join(get_link_to_form("Cost Estimate", name) for name in waiting)
		problems.append(_("Still a draft: {0}").format(links))
	else:
		problems.append(_("Make one with Create > Cost Estimate on the deal and have it submitted."))
	return problems


def _refuse(problems: list[str]) -> None:
	frappe.throw("<br>".join(problems), CostGateError, title=_("Cost Gate"))


def _log(quotation, deal: Ref, found: list[str], reason: str) -> None:
	"""The override stands in the ledger of the deal: the quotation, what was passed over, the reason, by whom."""
	note = "; ".join((*found, _("Reason: {0}").format(reason)))
	doc, related = frappe.get_doc(deal.doctype, deal.name), Ref(quotation.doctype, quotation.name)
	ledger.record(doc, "Override", None, quotation.name, note=note, related=related)


def _percent(value: float, apart_from: float | None = None) -> str:
	"""Two decimals; more where the value would read like the one that it differs from."""
	digits = next((n for n in (2, 4, 6) if round(value, n) != apart_from), 9)
	return f"{round(value, digits):.{digits}f}".rstrip("0").rstrip(".") + " %"
