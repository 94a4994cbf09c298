"""The funnel on real documents: it adds up, opens exactly its documents, and shows nobody more than they may see."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import forecast_totals, funnel_cohort, funnel_facts, learned_rates, stalled_totals
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.core.stage_visits import key_of
from crm_pipeline.crm_pipeline.report.sales_funnel import sales_funnel
from crm_pipeline.crm_pipeline.report.stage_dwell import stage_dwell
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site.rows import set_event
from tests.site.world import refused

FATES = ("advanced", "lost", "moved_back", "here")


@pytest.fixture
def pipeline(world):
	"""A pipeline of this test alone: stages a, b, c, won, lost."""
	return make_pipeline(f"Funnel {world.tag}")


def make_pipeline(name: str, applies_to: str = "Sales Opportunity") -> str:
	frappe.get_doc(
		{
			"doctype": "Sales Pipeline",
			"pipeline_name": name,
			"applies_to": applies_to,
			"allow_skip": 1,
			"allow_back": 1,
			"allow_reopen": 1,
			"allow_win_by_hand": 1,
		}
	).insert()
	rows = (("a", "Open", 10), ("b", "Open", 40), ("c", "Open", 80), ("won", "Won", 100), ("lost", "Lost", 0))
	for position, (key, kind, probability) in enumerate(rows, start=1):
		frappe.get_doc(
			{
				"doctype": "Pipeline Stage",
				"pipeline": name,
				"stage_key": key,
				"label": key.upper(),
				"position": position * 10,
				"stage_type": kind,
				"probability": probability,
			}
		).insert()
	return name


@pytest.fixture
def project(world):
	"""project("Service", "a", "b"): a project of this type in a pipeline of this test alone, moved through these stages."""
	pipeline = make_pipeline(f"Projects {world.tag}", "Sales Project")

	def make(project_type: str, *path: str, amount: float = 100.0):
		doc = frappe.get_doc(
			{
				"doctype": "Sales Project",
				"title": project_type,
				"project_type": project_type,
				"customer": world.customer,
				"company": world.company,
				"amount": amount,
				"pipeline": pipeline,
				"stage": f"{pipeline}-{path[0]}",
				"expected_close": add_days(nowdate(), 20),
			}
		).insert()
		for stage in path[1:]:
			if stage == "lost":
				api.lose_deal(doc.doctype, doc.name, "Price")
			elif stage == "completed":
				api.complete_project(doc.name)
			else:
				api.move_stage(doc.doctype, doc.name, f"{pipeline}-{stage}")
		return doc.name

	make.filters = {"pipeline": pipeline, "company": world.company, "document_type": "Sales Project"}
	return make


@pytest.fixture
def deal(sale, pipeline):
	"""deal("a", "b", amount=100): an opportunity that moved through these stages."""

	def make(*path: str, amount: float = 100.0, **values):
		doc = sale.opportunity(
			pipeline=pipeline, stage=f"{pipeline}-{path[0]}", items=[], amount=amount, opened_on=nowdate(), **values
		)
		for stage in path[1:]:
			if stage == "lost":
				api.lose_deal(doc.doctype, doc.name, "Price")
			else:
				api.move_stage(doc.doctype, doc.name, f"{pipeline}-{stage}")
		return doc.name

	return make


def stages(picture: dict) -> dict[str, dict]:
	return {row["stage"].rpartition("-")[2]: row for row in picture["stages"]}


def counts(row: dict) -> dict:
	return {fate: row[fate] for fate in FATES}


def test_every_deal_is_counted_once_and_where_it_stands(deal, pipeline, world):
	deal("a", "b", "c", "won", amount=1000)
	deal("a", "b", "lost", amount=10)
	deal("a", "b", "c", "b", amount=1)
	deal("a", amount=5)
	found = api.get_funnel({"pipeline": pipeline, "company": world.company})
	rows = stages(found)
	assert rows["a"]["entered"] == 4 and counts(rows["a"]) == {"advanced": 3, "lost": 0, "moved_back": 0, "here": 1}
	assert counts(rows["b"]) == {"advanced": 1, "lost": 1, "moved_back": 0, "here": 1}
	assert counts(rows["c"]) == {"advanced": 1, "lost": 0, "moved_back": 1, "here": 0}
	for row in rows.values():
		assert row["entered"] == sum(counts(row).values())
		assert row["amount"] == sum(row["amounts"].values())
	assert rows["b"]["weighted"] == pytest.approx(0.4)
	assert found["outcome"]["won_amount"] == 1000 and found["outcome"]["win_rate"] == 0.5
	assert (found["outcome"]["opened"], found["outcome"]["open"]) == (4, 2)


def test_the_page_reads_it_in_two_parts_that_are_the_whole(deal, pipeline):
	deal("a", "b", "won")
	deal("a")
	filters = {"pipeline": pipeline}
	outline, flow = api.get_funnel_outline(filters), api.get_funnel_flow(filters)
	assert [row["stage"] for row in outline["stages"]] == [row["stage"] for row in flow["stages"]]
	# Running hours may turn in between; everything else is the same.
	whole = api.get_funnel(filters)
	assert {**outline, "stages": None} == {key: whole[key] for key in outline} | {"stages": None}
	for part in ("bottleneck", "no_funnel", "before"):
		assert flow[part] == whole[part]


def test_today_counts_documents_and_customers_apart(deal, world, pipeline):
	deal("a", amount=10)
	deal("a", amount=20)
	deal("a", "b", amount=5)
	standing = api.get_funnel({"pipeline": pipeline})["standing"]
	assert standing[f"{pipeline}-a"] == {"documents": 2, "customers": 1, "amount": 30.0, "weighted": 3.0}
	assert standing[""]["documents"] == 3 and standing[""]["customers"] == 1
	for number in range(2):
		made = frappe.get_doc(
			{"doctype": "Sales Prospect", "prospect_name": f"Nobody Yet {number} {world.tag}"}
		).insert()
		deal("a", customer=None, prospect=made.name)
	standing = api.get_funnel({"pipeline": pipeline})["standing"]
	assert (standing[f"{pipeline}-a"]["customers"], standing[f"{pipeline}-b"]["customers"]) == (3, 1)
	assert standing[""]["customers"] == 3


def test_days_to_win_are_those_of_won_deals_and_never_below_0(deal, pipeline):
	lengths = {deal("a", "won"): -1, deal("a", "won"): 10, deal("a", "won"): -3, deal("a"): None, deal("a", "lost"): 70}
	for name, days in lengths.items():
		opened = add_days(nowdate(), -80)
		closed = None if days is None else add_days(opened, days)
		frappe.db.set_value("Sales Opportunity", name, {"opened_on": opened, "closed_on": closed})
	found = api.get_funnel_outline({"pipeline": pipeline})["outcome"]
	assert (found["won"], found["cycle_median"], found["cycle_p90"]) == (3, 0, 8)


def test_a_disabled_stage_is_drawn_at_once_while_deals_stand_in_it(deal, pipeline):
	deal("a")
	for key in "ab":
		frappe.db.set_value("Pipeline Stage", f"{pipeline}-{key}", "disabled", 1)
	rows = api.get_funnel_outline({"pipeline": pipeline})["stages"]
	assert [(row["stage"], row["label"]) for row in rows] == [(f"{pipeline}-a", "A"), (f"{pipeline}-c", "C")]


def test_each_number_opens_exactly_its_documents(deal, pipeline):
	won = deal("a", "b", "won")
	lost = deal("a", "b", "lost")
	back = deal("a", "b", "a")
	here = deal("a", "b")
	filters = {"pipeline": pipeline}

	def behind(kind, stage=None):
		page = api.get_funnel_documents(kind, f"{pipeline}-{stage}" if stage else None, filters)
		names = {row["name"] for row in page["documents"]}
		assert page["total"] == len(names)
		return names

	rows = stages(api.get_funnel(filters))
	for kind in ("entered", *FATES):
		for stage in "abc":
			assert len(behind(kind, stage)) == rows[stage][kind], (kind, stage)
	assert behind("lost", "b") == {lost} and behind("moved_back", "b") == {back} and behind("here", "b") == {here}
	assert behind("standing") == {back, here} and behind("standing", "a") == {back}
	assert behind("won") == {won} and behind("opened") == {won, lost, back, here} and behind("ordered") == set()


def names_behind(kind: str, stage: str | None, filters: dict, start: int = 0) -> list[str]:
	return [row["name"] for row in api.get_funnel_documents(kind, stage, filters, start)["documents"]]


def test_pages_of_documents_hold_each_once(deal, pipeline, monkeypatch):
	monkeypatch.setattr("crm_pipeline.analytics.figure_documents.PAGE", 2)
	names = {deal("a", amount=amount) for amount in (1, 1, 1, 2, 3)}
	pages = [names_behind("entered", f"{pipeline}-a", {"pipeline": pipeline}, start) for start in (0, 2, 4)]
	assert [len(page) for page in pages] == [2, 2, 1]
	assert set(sum(pages, [])) == names


def test_a_number_that_the_funnel_does_not_have_is_refused(pipeline):
	with refused(frappe.DoesNotExistError):
		api.get_funnel_documents("eaten", f"{pipeline}-a", {"pipeline": pipeline})
	with refused(frappe.DoesNotExistError):
		api.get_funnel_documents("lost", "no such stage", {"pipeline": pipeline})


def test_dates_the_wrong_way_round_are_refused(pipeline):
	with refused(match="must not be after"):
		api.get_funnel({"pipeline": pipeline, "from_date": nowdate(), "to_date": add_days(nowdate(), -1)})


def test_a_pipeline_without_deals_gives_zeros_and_unknown_rates(pipeline):
	found = api.get_funnel({"pipeline": pipeline})
	assert [row["entered"] for row in found["stages"]] == [0, 0, 0]
	assert found["stages"][0]["conversion"] is None and found["outcome"]["win_rate"] is None
	assert found["bottleneck"] is None and found["no_funnel"] == []


def test_a_pipeline_without_stages_gives_an_empty_picture(world):
	name = f"Bare {world.tag}"
	frappe.get_doc({"doctype": "Sales Pipeline", "pipeline_name": name, "applies_to": "Sales Opportunity"}).insert()
	assert api.get_funnel({"pipeline": name})["stages"] == []


def test_deals_that_were_opened_outside_the_period_do_not_count(deal, pipeline):
	deal("a")
	early = deal("a", "b")
	frappe.db.set_value("Sales Opportunity", early, "opened_on", add_days(nowdate(), -40))
	filters = {"pipeline": pipeline, "from_date": add_days(nowdate(), -10), "to_date": nowdate()}
	rows = stages(api.get_funnel(filters))
	assert (rows["a"]["entered"], rows["b"]["entered"]) == (1, 0)
	# Its move happened in the period, though.
	rows = stages(api.get_funnel({**filters, "basis": funnel_cohort.ENTERED}))
	assert (rows["a"]["entered"], rows["b"]["entered"]) == (2, 1)
	for row in rows.values():
		assert row["entered"] == sum(counts(row).values())


def test_the_period_before_is_as_long_and_ends_the_day_before(deal, pipeline):
	early = deal("a", "won", amount=70)
	frappe.db.set_value("Sales Opportunity", early, "opened_on", add_days(nowdate(), -15))
	found = api.get_funnel({"pipeline": pipeline, "from_date": add_days(nowdate(), -9), "to_date": nowdate()})
	assert found["outcome"]["opened"] == 0
	assert found["before"]["opened"] == 1 and found["before"]["won_amount"] == 70
	assert stages(found)["a"]["entered_before"] == 1


def test_a_stage_that_holds_more_than_the_one_before_is_flagged(deal, pipeline):
	deal("a")
	deal("a", "c")
	deal("a", "c")
	found = api.get_funnel({"pipeline": pipeline})
	flagged = {(row["stage"].rpartition("-")[2], row["of"]) for row in found["no_funnel"]}
	assert flagged == {("c", "standing"), ("c", "entered")}


def test_the_bottleneck_is_named(deal, pipeline):
	for _i in range(5):
		deal("a", "b", "lost")
	deal("a", "b", "won")
	found = api.get_funnel({"pipeline": pipeline})
	assert found["bottleneck"]["stage"] == f"{pipeline}-b" and found["bottleneck"]["passed"] == pytest.approx(1 / 6)


def test_the_whole_way_from_lead_to_order(sale, world):
	before = api.get_funnel({"company": world.company})
	sale.lead()
	lost = sale.lead(prospect_name=f"Nobody {world.tag}", email_id=f"x@{world.tag}.example")
	api.disqualify_lead(lost.name, "No Need")
	deal = sale.opportunity(opened_on=nowdate())
	sale.order(deal)
	found = api.get_funnel({"company": world.company})
	gained = {key: found["leads"][key] - before["leads"].get(key, 0) for key in found["leads"]}
	assert gained == {"entered": 2, "advanced": 0, "lost": 1, "here": 1}
	step = {row["step"]: row for row in found["orders"]}
	was = {row["step"]: row for row in before["orders"]}
	assert step["ordered"]["documents"] == was["ordered"]["documents"] + 1
	assert step["ordered"]["amount"] == pytest.approx(was["ordered"]["amount"] + 480)
	assert found["outcome"]["won"] == before["outcome"]["won"] + 1


def test_months_add_up_to_the_period_and_each_opens_its_own(deal, pipeline):
	for days in (0, 0, 40, 80):
		name = deal("a", "b")
		frappe.db.set_value("Sales Opportunity", name, "opened_on", add_days(nowdate(), -days))
	cohort = Cohort(FunnelScope.of({"pipeline": pipeline}))
	by_month = funnel_facts.passages(cohort, "Month")
	whole = funnel_facts.passages(cohort)[()]
	assert len(by_month) == 3
	assert sum(p.documents for month in by_month.values() for p in month) == sum(p.documents for p in whole)
	for month, found in by_month.items():
		part = {"split": "Month", "value": list(month)}
		names = names_behind("entered", f"{pipeline}-b", {"pipeline": pipeline, "part": part})
		assert len(names) == sum(p.documents for p in found if p.stage.endswith("-b"))


def test_a_move_writes_the_key_of_the_stages_left_with_the_deal_itself(deal, pipeline, monkeypatch):
	written = []
	monkeypatch.setattr("crm_pipeline.chain.locks.set_named", lambda *args: written.append(args))
	name = deal("a", "b", "a", "c", "lost")
	assert written == [], "the ledger's row finds it there already"
	key = frappe.db.get_value("Sales Opportunity", name, "passed_stages")
	assert key == key_of(f"{pipeline}-{stage}" for stage in "abc")


def test_a_deal_that_comes_back_keeps_its_earlier_time(deal, pipeline):
	name = deal("a", "b", "a")
	doc = frappe.get_doc("Sales Opportunity", name)
	event = frappe.db.get_value("Pipeline Event", {"reference_name": name, "from_value": f"{pipeline}-a"}, "name")
	set_event(event, "seconds_spent", 86400)
	api.move_stage(doc.doctype, name, f"{pipeline}-b")
	api.move_stage(doc.doctype, name, f"{pipeline}-a")
	row = stages(api.get_funnel({"pipeline": pipeline}))["a"]
	assert row["median_days"] == pytest.approx(1.0, abs=0.1) and row["entered"] == 1


def test_a_deal_counts_once_in_a_stage_that_it_left_twice(deal, pipeline):
	deal("a", "b", "a", "b", "a", "c")
	deal("a", "b", "a", "b", "lost")
	deal("a")
	rows = stages(api.get_funnel({"pipeline": pipeline}))
	assert {stage: (row["entered"], counts(row)) for stage, row in rows.items()} == {
		"a": (3, {"advanced": 2, "lost": 0, "moved_back": 0, "here": 1}),
		"b": (2, {"advanced": 1, "lost": 1, "moved_back": 0, "here": 0}),
		"c": (1, {"advanced": 0, "lost": 0, "moved_back": 0, "here": 1}),
	}


def test_orders_are_counted_of_won_deals_only(deal, pipeline):
	for path in (("a", "won"), ("a", "lost"), ("a",)):
		ordered = {"ordered_amount": 80, "paid_amount": 50}
		frappe.db.set_value("Sales Opportunity", deal(*path), ordered)
	steps = {row["step"]: (row["documents"], row["amount"]) for row in api.get_funnel({"pipeline": pipeline})["orders"]}
	assert steps == {"ordered": (1, 80), "delivered": (0, 0), "billed": (0, 0), "paid": (1, 50)}


def test_the_time_in_a_stage_is_that_of_all_visits_of_a_deal_together(deal, pipeline):
	long = deal("a", "b", "a")
	here = deal("a")
	for name, days in ((long, 2), (here, 4)):
		since = add_days(frappe.utils.now_datetime(), -days)
		frappe.db.set_value("Sales Opportunity", name, "stage_entered_on", since)
	event = frappe.db.get_value("Pipeline Event", {"reference_name": long, "from_value": f"{pipeline}-a"}, "name")
	set_event(event, "seconds_spent", 4 * 86400)
	frappe.db.set_value("Sales Opportunity", long, "earlier_seconds", 4 * 86400)
	row = stages(api.get_funnel({"pipeline": pipeline}))["a"]
	assert (row["median_days"], row["p90_days"]) == (pytest.approx(5, abs=0.1), pytest.approx(5.8, abs=0.1))


def test_a_manager_gives_the_documents_behind_a_number_to_somebody_else(deal, pipeline, as_user, world):
	names = [deal("a"), deal("a")]
	as_user("manager")
	rep = frappe.db.get_value("User", "rep2@crm-test.example", "name")
	assert api.reassign_deals("Sales Opportunity", names, rep) == {"done": 2, "refused": []}
	assert {frappe.db.get_value("Sales Opportunity", name, "sales_owner") for name in names} == {rep}
	kinds = [event["kind"] for event in api.get_history("Sales Opportunity", names[0])]
	assert "Owner" in kinds


def test_one_that_can_not_be_given_away_is_named_and_stops_no_other(deal, as_user):
	fine = deal("a")
	done = api.reassign_deals("Sales Opportunity", [fine, "OPP-NONE"], "rep2@crm-test.example")
	assert done["done"] == 1 and [row["name"] for row in done["refused"]] == ["OPP-NONE"]
	with refused(match="disabled or does not exist"):
		api.reassign_deals("Sales Opportunity", [fine], "nobody@crm-test.example")


def test_strangers_see_no_funnel(pipeline, as_user):
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_funnel({"pipeline": pipeline})


def test_a_pipeline_that_is_gone_is_named(world):
	for ask in (api.get_funnel, lambda filters: api.get_funnel_documents("opened", None, filters)):
		with refused(frappe.DoesNotExistError, match="Nowhere"):
			ask({"pipeline": "Nowhere", "company": world.company})


def test_whole_months_are_compared_with_whole_months(deal, pipeline):
	early = deal("a")
	frappe.db.set_value("Sales Opportunity", early, "opened_on", "2026-01-01")
	# April has 30 days; the three months before May, June and July begin on the first of February.
	found = api.get_funnel({"pipeline": pipeline, "from_date": "2026-04-01", "to_date": "2026-06-30"})
	assert found["before"]["opened"] == 1


def test_what_was_completed_without_being_sold_is_not_won(world, sale):
	pipeline = frappe.db.get_value("Sales Pipeline", {"applies_to": "Sales Project"}, "name")
	filters = {"pipeline": pipeline, "company": world.company}
	before = {
		basis: api.get_funnel({**filters, "basis": basis}) for basis in (funnel_cohort.OPENED, funnel_cohort.ENTERED)
	}
	for project_type in ("Service", "Marketing"):
		project = frappe.get_doc(
			{
				"doctype": "Sales Project",
				"title": project_type,
				"project_type": project_type,
				"customer": world.customer,
				"company": world.company,
				"amount": 500,
			}
		).insert()
		api.complete_project(project.name)
	for basis, was in before.items():
		found = api.get_funnel({**filters, "basis": basis})
		assert found["outcome"] == was["outcome"]
		assert [row["here"] for row in found["stages"]] == [row["here"] for row in was["stages"]]


def figures(filters) -> dict:
	"""What each figure makes of the projects of a pipeline."""
	learned = learned_rates.visits_until(filters["company"], getdate(add_days(nowdate(), 1)))
	funnel_of_all, closed = api.get_funnel(filters), win_and_loss.execute(filters)[1]
	return {
		"funnel": funnel_of_all["outcome"]["opened"],
		"standing": funnel_of_all["standing"][""]["documents"],
		"dwell": sum(row["documents"] for row in stage_dwell.execute(filters)[1]),
		"learned": len({row.stage for row in learned if row.stage.startswith(filters["pipeline"])}),
		"closed": closed[-1]["won"] + closed[-1]["lost"] if closed else 0,
		"judged": stalled_totals.totals(StalledScope.of({**filters, "document_type": "Sales Project"})).open_deals,
		"forecast": forecast_totals.forecast_of(ForecastScope.of(filters)).total.documents,
	}


@pytest.mark.parametrize("project_type", ["Marketing", "Internal"])
def test_projects_that_sell_nothing_are_in_no_figure_but_on_the_board(project, project_type):
	project(project_type, "a", amount=5000)
	project(project_type, "a", "b", "lost")
	project(project_type, "a", "completed")
	assert not any(figures(project.filters).values())
	column = api.get_board_totals(project.filters["pipeline"])[f"{project.filters['pipeline']}-a"]
	assert (column["count"], column["amount"]) == (1, 5000)


@pytest.mark.parametrize("project_type", ["Sales", "Service"])
def test_sales_and_service_projects_are_in_every_figure(project, project_type):
	project(project_type, "a")
	project(project_type, "a", "lost")
	project(project_type, "b", "won", "completed")
	found = figures(project.filters)
	assert (found["funnel"], found["standing"], found["closed"], found["judged"]) == (3, 1, 2, 1)
	assert found["learned"] == 2 and found["dwell"] == 3 and found["forecast"] == 2


def test_a_won_service_that_is_completed_stays_won_and_one_that_was_not_sold_is_no_sale(project):
	sold, unsold = project("Service", "a", "won", "completed"), project("Service", "a", "completed")
	closed = win_and_loss.execute(project.filters)[1][-1]
	assert (closed["won"], closed["lost"]) == (1, 0)
	listed = frappe.get_list(
		"Sales Project",
		filters=[["Sales Project", *rule] for rule in closed["routes"]["won"]],
		pluck="name",
		order_by="name",
	)
	assert listed == [sold] and unsold not in listed
	assert api.get_funnel(project.filters)["outcome"]["opened"] == 1


def test_stages_of_today_add_up_though_one_of_them_is_disabled(deal, pipeline):
	old = deal("a", amount=5)
	frappe.db.set_value("Sales Opportunity", old, "opened_on", "2020-01-01")
	frappe.db.set_value("Pipeline Stage", f"{pipeline}-a", "disabled", 1)
	deal("b", amount=7)
	found = api.get_funnel({"pipeline": pipeline})
	rows = [found["standing"].get(row["stage"], {"amount": 0}) for row in found["stages"]]
	assert sum(row["amount"] for row in rows) == found["standing"][""]["amount"] == 12


def move_to(name: str, pipeline: str, stage: str) -> None:
	doc = frappe.get_doc("Sales Opportunity", name)
	doc.update({"pipeline": pipeline, "stage": f"{pipeline}-{stage}"})
	doc.save()


@pytest.mark.parametrize("basis", [funnel_cohort.OPENED, funnel_cohort.ENTERED])
def test_a_deal_that_went_to_another_pipeline_and_came_back_keeps_the_stages_it_was_in(deal, pipeline, world, basis):
	other = make_pipeline(f"Other {world.tag}")
	name = deal("a", "b")
	move_to(name, other, "a")
	move_to(name, pipeline, "c")
	filters = {"pipeline": pipeline, "basis": basis}
	rows = stages(api.get_funnel(filters))
	assert [(rows[key]["entered"], rows[key]["advanced"], rows[key]["here"]) for key in "abc"] == [
		(1, 1, 0), (1, 1, 0), (1, 0, 1),
	]  # fmt: skip
	assert all(row["median_days"] is not None for row in rows.values())
	assert names_behind("entered", f"{pipeline}-b", filters) == [name]
	assert not any(row["entered"] for row in api.get_funnel({**filters, "pipeline": other})["stages"])


# ---- the report


def report(filters, group_by=None, **more):
	columns, data, message, _chart, summary = sales_funnel.execute({**filters, "group_by": group_by, **more})
	return frappe._dict(
		fields=[column["fieldname"] for column in columns],
		data=data,
		message=message,
		summary={card["label"]: card["value"] for card in summary},
		rows={(row["group"], row["stage"].rpartition("-")[2]): row for row in data},
	)


def opens(row, filters, kind="entered") -> set[str]:
	"""The documents that a click on a count of the report opens."""
	return set(names_behind(kind, row["stage"], {**filters, "part": row["part"]}))


def entered_at(name: str, stage: str, at) -> None:
	event = frappe.db.get_value(
		"Pipeline Event", {"reference_name": name, "to_value": stage}, "name", order_by="at desc, creation desc"
	)
	set_event(event, "at", at)


def test_by_month_a_stage_counts_when_it_was_entered_where_the_moves_count(deal, pipeline):
	late, back = deal("a", "b"), deal("a", "b")
	for name in (late, back):
		frappe.db.set_value("Sales Opportunity", name, "opened_on", "2025-11-03")
	entered_at(late, f"{pipeline}-b", "2026-03-05 10:00:00")
	# One that comes back counts once, in the month in which it came first.
	entered_at(back, f"{pipeline}-b", "2026-02-05 10:00:00")
	api.move_stage("Sales Opportunity", back, f"{pipeline}-a")
	api.move_stage("Sales Opportunity", back, f"{pipeline}-b")
	entered_at(back, f"{pipeline}-b", "2026-03-20 10:00:00")
	filters = {"pipeline": pipeline, "basis": funnel_cohort.ENTERED, "from_date": "2026-02-01", "to_date": "2026-03-31"}
	whole, months = report(filters), report(filters, "Month")
	assert whole.rows["", "b"]["entered"] == 2
	assert {group: row["entered"] for (group, _stage), row in months.rows.items() if row["entered"]} == {
		"2026-02": 1, "2026-03": 1,
	}  # fmt: skip
	assert opens(months.rows["2026-02", "b"], filters) == {back}
	assert opens(months.rows["2026-03", "b"], filters) == {late}
	assert "entered_before" not in months.fields and "<br>" not in months.message


def test_each_month_tells_how_long_its_visits_took(deal, pipeline):
	for month, days in (("2026-02", 2), ("2026-03", 4)):
		name = deal("a", "b")
		left = {"reference_name": name, "from_value": f"{pipeline}-a"}
		event = frappe.db.get_value("Pipeline Event", left, "name")
		set_event(event, {"at": f"{month}-10 10:00:00", "seconds_spent": days * 86400})
		entered_at(name, f"{pipeline}-a", f"{month}-0{9 - days} 10:00:00")
		frappe.db.set_value("Sales Opportunity", name, "opened_on", f"{month}-05")
	for basis in (funnel_cohort.OPENED, funnel_cohort.ENTERED):
		filters = {"pipeline": pipeline, "basis": basis, "from_date": "2026-01-01", "to_date": "2026-03-31"}
		rows = report(filters, "Month").rows
		assert [rows[month, "a"]["median_days"] for month in ("2026-02", "2026-03")] == [2, 4]
		assert report(filters).rows["", "a"]["median_days"] == 3


def test_the_report_compares_each_group_with_the_period_before(deal, pipeline, world):
	area = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	for days, path in ((0, ("a",)), (5, ("a", "b")), (15, ("a", "b")), (16, ("a",))):
		name = deal(*path, territory=area if days else None)
		frappe.db.set_value("Sales Opportunity", name, {"opened_on": add_days(nowdate(), -days)})
	frappe.db.set_value("Sales Opportunity", name, "territory", "")
	filters = {"pipeline": pipeline, "from_date": add_days(nowdate(), -9), "to_date": nowdate()}
	row = report(filters).rows["", "a"]
	assert (row["entered"], row["conversion"], row["entered_before"], row["conversion_before"]) == (2, 50, 2, 50)
	found = report(filters, "Territory")
	of_area, of_none = found.rows[area, "a"], found.rows["Not Set", "a"]
	assert (of_area["entered"], of_area["entered_before"], of_area["conversion_before"]) == (1, 1, 100)
	assert (of_none["entered"], of_none["entered_before"], of_none["conversion_before"]) == (1, 1, 0)
	assert of_area["median_days"] is not None and "<br>Compared with" in found.message


def test_the_channel_of_a_lead_travels_to_its_deals_and_splits_the_funnel(sale, world):
	before = api.get_funnel({"company": world.company, "channel": "Exhibition"})["leads"].get("advanced", 0)
	lead = sale.lead(channel="Exhibition", customer=world.customer)
	deal = api.convert_lead(lead.name, assessment="Warm")["name"]
	project = api.opportunity_to_project(deal)["name"]
	for doctype, name in (("Sales Opportunity", deal), ("Sales Project", project)):
		assert frappe.db.get_value(doctype, name, "channel") == "Exhibition"
	typed = sale.opportunity(channel="Referral", opened_on=nowdate())
	filters = {"company": world.company, "pipeline": typed.pipeline}
	rows = {group: row for (group, stage), row in report(filters, "Channel").rows.items() if stage == "qualification"}
	assert deal in opens(rows["Exhibition"], filters) and typed.name in opens(rows["Referral"], filters)
	of_exhibition = {**filters, "channel": "Exhibition"}
	assert opens({"stage": rows["Exhibition"]["stage"], "part": None}, of_exhibition) == opens(
		rows["Exhibition"], filters
	)
	# Leads in front, board and list of leads are under the same filter.
	found = api.get_funnel(of_exhibition)
	assert found["leads"]["advanced"] == before + 1
	assert ("channel", "=", "Exhibition") in [tuple(rule) for rule in found["lead_lists"]["entered"]]
	cards = {
		card["name"] for column in api.get_board(typed.pipeline, of_exhibition)["columns"] for card in column["cards"]
	}
	assert deal in cards and typed.name not in cards


@pytest.mark.parametrize("kind", ["opened", "entered", "standing"])
def test_the_documents_of_a_number_begin_with_the_largest(sale, world, as_user, monkeypatch, kind):
	pipeline = make_pipeline(f"Largest {world.tag}")
	as_user("rep")
	amounts = (5, 90, 30, 70, 10)
	made = {
		amount: sale.opportunity(
			pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=amount, opened_on=nowdate()
		).name
		for amount in amounts
	}
	monkeypatch.setattr("crm_pipeline.analytics.figure_documents.PAGE", 2)
	stage = None if kind == "opened" else f"{pipeline}-a"
	assert names_behind(kind, stage, {"pipeline": pipeline}) == [made[90], made[70]]
	assert api.get_funnel_documents(kind, stage, {"pipeline": pipeline})["total"] == 5


def test_whatever_was_ordered_counts_however_little(deal, pipeline):
	some, _nothing = deal("a", "b", "c", "won"), deal("a", "b", "c", "won")
	frappe.db.set_value("Sales Opportunity", some, "ordered_amount", 0.5)
	assert names_behind("ordered", None, {"pipeline": pipeline}) == [some]
