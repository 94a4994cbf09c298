"""The report Case Times on random cases, once more by plain SQL, as a manager and as a rep."""

import random
import statistics
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime

from crm_pipeline.analytics.case_times import GROUPINGS
from crm_pipeline.crm_customers.report.case_times.case_times import execute
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


@pytest.fixture
def cases(sale):
	"""60 cases of two reps over a year, some answered, some solved, some late, some rated."""
	rng = random.Random(5)
	ways = [*frappe.get_all("Sales Activity Type", pluck="name", order_by="name asc", limit=2), None]
	now = now_datetime().replace(microsecond=0)
	for number in range(60):
		case = frappe.get_doc(
			{
				"doctype": "Customer Case",
				"name": f"{sale.world.tag}-{number}",
				"subject": sale.world.tag,
				"kind": rng.choice(("Complaint", "Request", "Question")),
				"severity": rng.choice(("Critical", "High", "Normal", "Low")),
				"way": rng.choice(ways),
				"customer": sale.world.customer,
				"company": sale.world.company,
				"sales_owner": rng.choice((REP, OTHER)),
			}
		)
		case.responsible = case.sales_owner
		case.owner = case.sales_owner
		case.opened_on = now - timedelta(hours=rng.uniform(1, 8000))
		case.status = rng.choice(("Open", "In Progress", "Solved", "Solved", "Withdrawn"))
		if case.status == "Solved" or rng.random() < 0.5:
			case.first_answer_on = case.opened_on + timedelta(hours=rng.choice((0, rng.uniform(0, 90))))
		if case.status == "Solved":
			case.solved_on = case.first_answer_on + timedelta(hours=rng.uniform(0, 400))
			case.satisfaction = rng.choice((0, 0.2, 0.6, 1))
		case.due_by = rng.choice((None, case.opened_on + timedelta(hours=rng.uniform(1, 300))))
		case.db_insert()
	return sale.world


def plain(world, first, last, where="1=1") -> list:
	return frappe.db.sql(
		f"""select (unix_timestamp(first_answer_on) - unix_timestamp(opened_on)) / 3600 as answer,
			(unix_timestamp(solved_on) - unix_timestamp(opened_on)) / 3600 as solve,
			due_by is not null and ifnull(solved_on, %(now)s) > due_by as late, satisfaction as stars,
			severity, way, sales_person, responsible, kind
		from `tabCustomer Case` where subject = %(tag)s and status != 'Withdrawn'
			and date(opened_on) between %(first)s and %(last)s and {where}""",
		{"tag": world.tag, "first": first, "last": last, "now": now_datetime()},
		as_dict=True,
	)


def hours(value) -> float | None:
	return None if value is None else pytest.approx(float(value), abs=0.01)


def check(line: dict, rows: list) -> None:
	answers = [float(row.answer) for row in rows if row.answer is not None]
	solves = [float(row.solve) for row in rows if row.solve is not None]
	stars = [row.stars for row in rows if row.stars]
	assert (line["cases"], line["answered"], line["solved"], line["rated"]) == (
		*(len(rows), len(answers), len(solves), len(stars)),
	)
	assert line["overdue"] == sum(row.late for row in rows)
	assert line["overdue_share"] == hours(100 * line["overdue"] / len(rows))
	for name, values in (("answer", answers), ("solve", solves)):
		assert line[f"mean_to_{name}"] == hours(statistics.mean(values) if values else None)
		assert line[f"median_to_{name}"] == hours(statistics.median(values) if values else None)
	assert line["satisfaction"] == hours(5 * statistics.mean(stars) if stars else None)


@pytest.mark.parametrize("group_by", GROUPINGS)
def test_the_report_is_what_plain_sql_says(cases, as_user, group_by):
	as_user("manager")
	first, last = add_days(getdate(), -300), add_days(getdate(), -20)
	columns, data, _note, _chart, summary = execute(
		{"company": cases.company, "from_date": first, "to_date": last, "group_by": group_by}
	)[:5]
	*lines, whole = data
	rows = plain(cases, first, last)
	check(whole, rows)
	field = GROUPINGS[group_by]
	assert len(lines) == len({row[field] for row in rows})
	for line in lines:
		key = next((value for name, op, value in line["routes"]["cases"] if name == field and op == "="), None)
		check(line, [row for row in rows if (row[field] or None) == key])
		listed = frappe.get_list(
			"Customer Case", filters=[list(f) for f in line["routes"]["solved"]], limit=0, order_by="name"
		)
		assert len(listed) == line["solved"]
	assert {"cases", "median_to_solve", "mean_to_solve"} <= {column["fieldname"] for column in columns}
	assert summary[0]["value"] == len(rows)


def test_a_rep_s_figures_are_of_what_the_rep_sees(cases, as_user):
	set_apart()
	as_user("rep")
	period = {"from_date": add_days(getdate(), -400), "to_date": getdate()}
	whole = execute({"company": cases.company, **period})[1][-1]
	check(whole, plain(cases, *period.values(), where=f"sales_owner = '{REP}'"))


def test_worst_severities_stand_first_and_a_filter_narrows(cases, as_user):
	as_user("manager")
	period = {"company": cases.company, "from_date": add_days(getdate(), -400), "to_date": getdate()}
	assert [line["label"] for line in execute(period)[1]] == ["Critical", "High", "Normal", "Low", "Total"]
	whole = execute({**period, "severity": "High", "territory": "Nowhere"})[1][-1]
	check(whole, plain(cases, period["from_date"], period["to_date"], "severity = 'High'"))


def test_without_cases_there_is_an_empty_table(sale, as_user):
	as_user("manager")
	day = "1990-01-01"
	_columns, data, _note, chart, summary = execute({"company": sale.world.company, "from_date": day, "to_date": day})[
		:5
	]
	assert (data, chart, summary) == ([], None, [])


@pytest.mark.parametrize("filters", [{"group_by": "Moon"}, {"from_date": "2026-02-02", "to_date": "2026-01-01"}])
def test_what_is_none_of_the_choices_is_refused_in_words(sale, as_user, filters):
	as_user("manager")
	with refused():
		execute({"company": sale.world.company, **filters})
