"""The sales board: first paint, totals, a page far down, and a drag.

Every number is an endpoint as the browser calls it (permission, queries, JSON ready), beside the bare SQL
that reads the same rows or sums. The drag is `move_stage` with all its rules, ledger and save, then the card
and the totals of both columns; it is rolled back after each turn.
"""

from benchmarks.pipeline.measuring import timed

WHERE = "company = %s and pipeline = %s and stage = %s"
SUMS = "count(*), sum(base_amount), sum(base_amount * probability)"
BARE_CARDS = f"""select name, title, party_name, stage, status, amount, currency, expected_close, closed_on, sales_owner,
	sales_person, next_step, next_step_date, stage_entered_on, modified, is_stalled, stalled_reasons
	from `tabSales Opportunity` where {WHERE} and status = 'Open' order by expected_close, name limit 26"""
BARE_OPEN = f"select {SUMS} from `tabSales Opportunity` where {WHERE} and status = 'Open'"
BARE_CLOSED = f"select {SUMS} from `tabSales Opportunity` where {WHERE} and closed_on >= %s"


def measure() -> dict[str, tuple[float, float | None]]:
	"""{what: (milliseconds, milliseconds of the bare SQL or None)}."""
	import frappe

	from benchmarks.pipeline.data import OPEN_STAGES, PIPELINE, TAG
	from crm_pipeline import api
	from crm_pipeline.analytics.board_columns import RECENT_DAYS

	company = frappe.db.get_value("Sales Opportunity", {"name": ("like", f"{TAG}-%")}, "company", order_by="name asc")
	filters = {"company": company}
	stages = [f"{PIPELINE}-{key}" for key in OPEN_STAGES]
	closed = [f"{PIPELINE}-won", f"{PIPELINE}-lost"]
	since = frappe.utils.add_days(frappe.utils.nowdate(), -RECENT_DAYS)
	key = (company, PIPELINE)
	far = frappe.db.sql(
		"select expected_close, name from `tabSales Opportunity`"
		f" where {WHERE} and status = 'Open' order by expected_close desc, name desc limit 1 offset 40",
		(*key, stages[0]),
	)[0]
	deal = frappe.db.get_value(
		"Sales Opportunity", {"stage": stages[0], "status": "Open", "company": company}, "name", order_by="name asc"
	)

	def bare_totals(open_stages, closed_stages):
		for stage in open_stages:
			frappe.db.sql(BARE_OPEN, (*key, stage))
		for stage in closed_stages:
			frappe.db.sql(BARE_CLOSED, (*key, stage, since))

	def drag():
		api.move_stage("Sales Opportunity", deal, stages[1], seen_stage=stages[0])
		api.get_card("Sales Opportunity", deal)

	def drag_and_totals():
		drag()
		api.get_board_totals(PIPELINE, filters, stages[:2])

	return {
		"First paint: columns and cards": (
			timed(lambda: api.get_board(PIPELINE, filters)),
			timed(lambda: [frappe.db.sql(BARE_CARDS, (*key, stage), as_dict=True) for stage in stages]),
		),
		"Totals of all columns": (
			timed(lambda: api.get_board_totals(PIPELINE, filters)),
			timed(lambda: bare_totals(stages, closed)),
		),
		"A page far down a column": (
			timed(lambda: api.get_cards(PIPELINE, stages[0], filters, [str(far[0]), far[1]])),
			None,
		),
		"Drag: move and card": (timed(drag), None),
		"Drag: with the totals of both columns": (timed(drag_and_totals), None),
		"The totals of both columns alone": (
			timed(lambda: api.get_board_totals(PIPELINE, filters, stages[:2])),
			timed(lambda: bare_totals(stages[:2], ())),
		),
	}
