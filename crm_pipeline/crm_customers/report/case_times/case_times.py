"""How long customers wait for an answer and for a solution, how often it is late, and what they say of it."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import case_times
from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics.case_times import CASE, CaseScope
from crm_pipeline.api.door import report
from crm_pipeline.core.cases import TimesSummary

STARS = 5
IN_CHART = 12


@report
def execute(filters: dict | None = None):
	asked = CaseScope.of(filters)
	groups, whole = case_times.groups(asked)
	data = [row(group.key, group.label, group.times, asked) for group in groups]
	lines = [*data, {**total(whole, asked), "is_total": 1, "bold": 1}] if data else []
	return columns(asked), lines, note(asked), chart(data, asked), summary(whole, asked)


def columns(asked: CaseScope) -> list[dict]:
	def count(fieldname: str, label: str) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Int", "label": label, "width": 90}

	def hours(fieldname: str, label: str) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Float", "precision": 1, "label": label, "width": 200}

	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _(asked.group_by), "width": 170},
		count("cases", _("Cases")),
		count("answered", _("Answered")),
		hours("median_to_answer", _("To Answer, Median (Hours)")),
		hours("mean_to_answer", _("To Answer, Mean (Hours)")),
		count("solved", _("Solved")),
		hours("median_to_solve", _("To Solve, Median (Hours)")),
		hours("mean_to_solve", _("To Solve, Mean (Hours)")),
		count("overdue", _("Late")),
		{"fieldname": "overdue_share", "fieldtype": "Percent", "precision": 1, "label": _("Late (%)"), "width": 90},
		count("rated", _("Rated")),
		{
			"fieldname": "satisfaction",
			"fieldtype": "Float",
			"precision": 1,
			"label": _("Satisfaction (of {0})").format(STARS),
			"width": 130,
		},
	]


def row(key: str | None, label: str, times: TimesSummary, asked: CaseScope) -> dict:
	whole = case_times.list_filters(asked, key)
	return _row(label, times, whole)


def total(times: TimesSummary, asked: CaseScope) -> dict:
	return _row(_("Total"), times, case_times.list_filters(asked, whole=True))


def _row(label: str, times: TimesSummary, filters: list[tuple]) -> dict:
	return {
		"label": label,
		"cases": times.cases,
		"answered": times.answered,
		"median_to_answer": times.median_to_answer,
		"mean_to_answer": times.mean_to_answer,
		"solved": times.solved,
		"median_to_solve": times.median_to_solve,
		"mean_to_solve": times.mean_to_solve,
		"overdue": times.overdue,
		"overdue_share": times.overdue_share,
		"rated": times.rated,
		"satisfaction": times.mean_satisfaction and times.mean_satisfaction * STARS,
		"routes": {
			"cases": filters,
			"answered": [*filters, ("first_answer_on", "is", "set")],
			"solved": [*filters, ("solved_on", "is", "set")],
			"rated": [*filters, ("satisfaction", ">", 0)],
		},
	}


def note(asked: CaseScope) -> str:
	first, last = (formatdate(day) for day in asked.days())
	return _(
		"Cases opened from {0} to {1}, without those that were withdrawn. Times are hours by the clock; late is by working time."
	).format(first, last)


def chart(data: list[dict], asked: CaseScope) -> dict | None:
	shown = [one for one in data if one["solved"]][:IN_CHART]
	if not shown:
		return None
	asks = [{"doctype": CASE, "filters": one["routes"]["solved"]} for one in shown]
	values = lambda key: [round(one[key] or 0, 1) for one in shown]  # noqa: E731
	return {
		"type": "bar",
		"data": {
			"labels": [one["label"] for one in shown],
			"datasets": [
				{"name": _("To Solve, Median (Hours)"), "values": values("median_to_solve"), "asks": asks},
				{"name": _("To Answer, Median (Hours)"), "values": values("median_to_answer"), "asks": asks},
			],
		},
		"colors": [colours.LONGEST, colours.USUAL],
	}


def summary(whole: TimesSummary, asked: CaseScope) -> list[dict]:
	if not whole.cases:
		return []
	everything = case_times.list_filters(asked, whole=True)
	cards = [
		{
			"value": whole.cases,
			"label": _("Cases"),
			"datatype": "Int",
			"ask": {"doctype": CASE, "filters": everything},
		},
		{"value": _rounded(whole.median_to_answer), "label": _("To Answer, Median (Hours)"), "datatype": "Float"},
		{"value": _rounded(whole.median_to_solve), "label": _("To Solve, Median (Hours)"), "datatype": "Float"},
		{"value": _rounded(whole.overdue_share), "label": _("Late (%)"), "datatype": "Percent"},
		{
			"value": whole.mean_satisfaction and round(whole.mean_satisfaction * STARS, 1),
			"label": _("Satisfaction (of {0})").format(STARS),
			"datatype": "Float",
		},
	]
	return [card for card in cards if card["value"] is not None]


def _rounded(value: float | None) -> float | None:
	return None if value is None else round(value, 1)
