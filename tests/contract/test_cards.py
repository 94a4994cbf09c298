"""Number cards and charts count what their names say: the documents, the sum, and the filters of each."""

import json

from tests.contract.source import APP

COMPANY = 'company = frappe.defaults.get_user_default("Company")'
CARDS = {
	"Active Contracts": ("Sales Contract", "Count", ["status = Active", "docstatus = 1", COMPANY]),
	"Help Wanted": ("Sales Help Request", "Count", ["status = Open", COMPANY]),
	"Leads to Answer": (
		"Sales Lead",
		"Count",
		["status = New", COMPANY, "nurture_until <= frappe.datetime.get_today()"],
	),
	"Open Pipeline Amount": ("Sales Opportunity", "Sum of base_amount", ["status = Open", COMPANY]),
	"Opportunities Past Their Close Date": (
		"Sales Opportunity",
		"Count",
		[
			"status = Open",
			COMPANY,
			'expected_close between ["1900-01-01", frappe.datetime.add_days(frappe.datetime.get_today(), -1)]',
		],
	),
	"Requests Waiting for the Order Desk": (
		"Sales Order Request",
		"Count",
		["status = Requested", "docstatus = 1", COMPANY],
	),
	"Stalled Opportunities": ("Sales Opportunity", "Count", ["status = Open", "is_stalled = 1", COMPANY]),
	"Won This Month": (
		"Sales Opportunity",
		"Sum of base_won_amount",
		["outcome = Won", "closed_on Timespan this month", COMPANY],
	),
}


def records(kind: str) -> dict[str, dict]:
	found = (json.loads(path.read_text(encoding="utf-8")) for path in APP.glob(f"*/{kind}/*/*.json"))
	return {record["name"]: record for record in found}


def test_cards_count_what_they_are_called():
	found = {}
	for name, card in records("number_card").items():
		conditions = [*json.loads(card["filters_json"]), *json.loads(card["dynamic_filters_json"] or "[]")]
		assert {condition[0] for condition in conditions} == {card["document_type"]}, name
		of = card.get("aggregate_function_based_on")
		what = f"{card['function']} of {of}" if of else card["function"]
		found[name] = (card["document_type"], what, [" ".join(map(str, condition[1:4])) for condition in conditions])
	assert found == CARDS


def test_cards_are_the_app_s_own_and_compare_nothing():
	for name, card in records("number_card").items():
		assert (card["is_public"], card["is_standard"], card["type"]) == (1, 1, "Document Type"), name
		assert name.startswith(card["label"]) and card["show_percentage_stats"] == 0, name


def test_charts_draw_what_they_are_called():
	charts = records("dashboard_chart")
	assert set(charts) == {"Open Pipeline by Stage", "Won Amount per Month"}
	stages, months = charts["Open Pipeline by Stage"], charts["Won Amount per Month"]
	assert (stages["chart_type"], stages["report_name"], stages["type"]) == ("Report", "Open Pipeline by Stage", "Bar")
	assert json.loads(stages["dynamic_filters_json"]) == {"company": 'frappe.defaults.get_user_default("Company")'}
	assert (months["document_type"], months["chart_type"], months["based_on"], months["value_based_on"]) == (
		"Sales Opportunity",
		"Sum",
		"closed_on",
		"base_won_amount",
	)
	assert (months["timespan"], months["time_interval"], months["type"]) == ("Last Year", "Monthly", "Bar")
	assert json.loads(months["filters_json"]) == [["Sales Opportunity", "outcome", "=", "Won"]]
	assert json.loads(months["dynamic_filters_json"]) == [
		["Sales Opportunity", "company", "=", 'frappe.defaults.get_user_default("Company")']
	]
	for chart in charts.values():
		assert (chart["is_public"], chart["is_standard"]) == (1, 1)
