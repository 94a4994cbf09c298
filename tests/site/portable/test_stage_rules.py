"""Pipelines and stages that are incomplete, renamed, moved or deleted, and dates that make no sense."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.deals import outcome
from crm_pipeline.deals.move_rules import StageMoveError
from tests.site.world import history, refused


@pytest.fixture
def pipeline(site):
	"""pipeline("Open", "Won") makes a pipeline with a stage of each type; answers its name."""

	def make(*types: str, name: str = "") -> str:
		name = name or f"Direct Sales {frappe.generate_hash(length=6)}"
		doc = frappe.get_doc({"doctype": "Sales Pipeline", "pipeline_name": name, "applies_to": "Sales Opportunity"})
		doc.insert()
		for position, kind in enumerate(types, start=1):
			add_stage(doc.name, f"{kind} {position}", position * 10, kind)
		return doc.name

	return make


def add_stage(pipeline: str, label: str, position: int, kind: str = "Open"):
	return frappe.get_doc(
		{
			"doctype": "Pipeline Stage",
			"pipeline": pipeline,
			"label": label,
			"position": position,
			"stage_type": kind,
			"probability": 10,
		}
	).insert()


def stages(pipeline: str) -> list[str]:
	return frappe.get_all("Pipeline Stage", filters={"pipeline": pipeline}, pluck="name", order_by="position asc")


def told_missing(pipeline: str) -> list[str]:
	doc = frappe.get_doc("Sales Pipeline", pipeline)
	doc.run_method("onload")
	return doc.get_onload("missing_types")


# ---- incomplete pipelines


def test_an_empty_pipeline_takes_no_deal_and_says_what_it_lacks(sale, as_user, pipeline):
	name = pipeline()
	assert told_missing(name) == ["Open", "Won", "Lost"]
	as_user("rep")
	with refused(match="has no open stage"):
		sale.opportunity(pipeline=name)


def test_without_a_lost_or_a_won_stage_losing_and_winning_say_so(sale, as_user, pipeline):
	name = pipeline("Open")
	assert told_missing(name) == ["Won", "Lost"]
	as_user("manager")
	deal = sale.opportunity(pipeline=name)
	with refused(match="no enabled stage of type Lost"):
		api.lose_deal(deal.doctype, deal.name, reason="Price")
	with refused(match="no enabled stage of type Won"):
		api.win_deal(deal.doctype, deal.name)
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	with refused(match="no enabled stage of type Won"):
		contract.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"


def test_a_deal_without_an_open_stage_to_return_to_says_so(sale, as_user, pipeline):
	name = pipeline("Open", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	opened = deal.stage
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	as_user("Administrator")
	frappe.db.delete("Pipeline Stage", {"name": opened})
	frappe.db.set_value(deal.doctype, deal.name, "closed_from", None)
	as_user("rep")
	with refused(match="has no open stage"):
		api.reopen_deal(deal.doctype, deal.name)


def test_a_whole_pipeline_lacks_nothing(pipeline):
	assert told_missing(pipeline("Open", "Won", "Lost")) == []


# ---- positions


def test_two_stages_never_stand_at_one_position_whoever_moves_them(pipeline):
	from frappe.client import bulk_update, set_value

	first, second, _lost = stages(pipeline("Open", "Open", "Lost"))
	with refused(match="position 10 .* is taken"):
		set_value("Pipeline Stage", second, "position", 10)
	failed = bulk_update(frappe.as_json([{"doctype": "Pipeline Stage", "docname": second, "position": 10}]))
	assert "is taken" in failed["failed_docs"][0]["exc"]
	assert frappe.get_all(
		"Pipeline Stage", filters={"name": ("in", (first, second))}, pluck="position", order_by="position asc"
	) == [10, 20]


def test_a_disabled_stage_leaves_its_position_free_and_comes_back_to_another(pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	second = frappe.get_doc("Pipeline Stage", stages(name)[1])
	second.disabled = 1
	second.save()
	add_stage(name, "New second", 20)
	second.reload()
	second.disabled = 0
	with refused(match="position 20 .* is taken"):
		second.save()
	second.reload()
	second.disabled, second.position = 0, 25
	second.save()
	assert stages(name)[2] == second.name


# ---- stages in use


def test_a_stage_that_deals_have_been_in_is_disabled_not_deleted(sale, as_user, pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	first, second, *_rest = stages(name)
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	as_user("Administrator")
	with refused(frappe.LinkExistsError, match="stand in stage"):
		frappe.delete_doc("Pipeline Stage", first)
	frappe.delete_doc("Pipeline Stage", second)
	third = add_stage(name, "Third", 20).name
	api.move_stage(deal.doctype, deal.name, third)
	with refused(frappe.LinkExistsError, match="have been in stage"):
		frappe.delete_doc("Pipeline Stage", first)


def test_the_last_stage_of_a_type_stays_while_a_pipeline_has_deals(sale, as_user, pipeline):
	name = pipeline("Open", "Won", "Lost")
	_open, won, lost = stages(name)
	frappe.delete_doc("Pipeline Stage", lost)
	as_user("rep")
	sale.opportunity(pipeline=name)
	as_user("Administrator")
	with refused(match="only Won stage"):
		frappe.delete_doc("Pipeline Stage", won)
	doc = frappe.get_doc("Pipeline Stage", won)
	doc.disabled = 1
	with refused(match="only Won stage"):
		doc.save()


def test_the_type_of_a_stage_stays_while_deals_stand_in_it(sale, as_user, pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	as_user("Administrator")
	doc = frappe.get_doc("Pipeline Stage", deal.stage)
	doc.stage_type = "Won"
	with refused(frappe.LinkExistsError, match="type can't be changed"):
		doc.save()


# ---- rules that a pipeline keeps, whatever way a deal takes


@pytest.fixture
def strict(pipeline) -> str:
	name = pipeline("Open", "Open", "Open", "Won", "Lost")
	frappe.db.set_value("Sales Pipeline", name, {"allow_skip": 0, "allow_back": 0, "allow_reopen": 0})
	return name


def save(deal, **values):
	deal.reload()
	deal.update(values)
	deal.save()


def test_a_lost_deal_of_a_strict_pipeline_is_not_reopened_by_way_of_another_one(sale, as_user, pipeline, strict):
	other = pipeline("Open", "Won", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=strict)
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	with refused(StageMoveError, match=f"{strict}.* does not allow reopening.*{other}"):
		save(deal, pipeline=other, stage=stages(other)[0])
	with refused(StageMoveError, match=f"{strict}.* does not allow reopening"):
		save(deal, pipeline=other, stage=stages(other)[2])
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Lost"


def test_a_deal_enters_a_strict_pipeline_at_its_first_stage(sale, as_user, pipeline, strict):
	other = pipeline("Open", "Won", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=other)
	with refused(StageMoveError, match="skipping stages"):
		save(deal, pipeline=strict, stage=stages(strict)[1])
	save(deal, pipeline=strict, stage=stages(strict)[0])
	assert (deal.pipeline, deal.status) == (strict, "Open")


def test_a_bulk_edit_that_names_the_pipeline_alone_lets_open_deals_begin_there(sale, as_user, pipeline):
	other = pipeline("Open", "Open", "Won", "Lost")
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, "Standard Sales-proposal")
	deal.reload()
	save(deal, pipeline=other)
	assert (deal.stage, deal.probability) == (stages(other)[0], 10)
	assert ("Stage", "Proposal", "Open 1") in history(deal.doctype, deal.name)
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	deal.reload()
	with refused(StageMoveError, match="another pipeline"):
		save(deal, pipeline="Standard Sales")


def test_a_new_deal_skips_no_stage_of_a_strict_pipeline(sale, as_user, strict):
	first, second, *_rest, lost = stages(strict)
	as_user("rep")
	with refused(StageMoveError, match="skipping stages"):
		sale.opportunity(pipeline=strict, stage=second)
	assert sale.opportunity(pipeline=strict, stage=first).stage == first
	assert sale.opportunity(pipeline=strict, stage=lost, lost_reason="Price").status == "Lost"
	as_user("Administrator")
	doc = frappe.get_doc("Pipeline Stage", first)
	doc.disabled = 1
	doc.save()
	as_user("rep")
	assert sale.opportunity(pipeline=strict, stage=second).stage == second


def test_a_deal_is_not_reopened_further_on_than_it_was(sale, as_user, strict):
	frappe.db.set_value("Sales Pipeline", strict, "allow_reopen", 1)
	as_user("rep")
	deal = sale.opportunity(pipeline=strict)
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	with refused(StageMoveError, match="skipping stages"):
		api.move_stage(deal.doctype, deal.name, stages(strict)[2])
	api.reopen_deal(deal.doctype, deal.name)
	assert frappe.db.get_value(deal.doctype, deal.name, "stage") == stages(strict)[0]


def test_a_disabled_pipeline_takes_no_deal_and_keeps_those_it_has(sale, as_user, pipeline):
	retired, other = pipeline("Open", "Open", "Won", "Lost"), pipeline("Open", "Won", "Lost")
	as_user("rep")
	inside, outside = sale.opportunity(pipeline=retired), sale.opportunity(pipeline=other)
	as_user("Administrator")
	doc = frappe.get_doc("Sales Pipeline", retired)
	doc.disabled = 1
	doc.save()
	as_user("rep")
	with refused(match=f"{retired}.* is disabled"):
		sale.opportunity(pipeline=retired)
	with refused(match=f"{retired}.* is disabled"):
		save(outside, pipeline=retired, stage=stages(retired)[0])
	api.move_stage(inside.doctype, inside.name, stages(retired)[1])
	assert frappe.db.get_value(inside.doctype, inside.name, "stage") == stages(retired)[1]


def test_a_pipeline_of_one_company_takes_no_deal_of_another(sale, as_user, pipeline):
	foreign = pipeline("Open", "Won", "Lost")
	# Only the name is compared: no second company is needed.
	frappe.db.set_value("Sales Pipeline", foreign, "company", "Elsewhere Ltd")
	frappe.clear_document_cache("Sales Pipeline", foreign)
	as_user("rep")
	with refused(match=f"{foreign}.* belongs to company .*Elsewhere Ltd.* This deal is of .*{sale.world.company}"):
		sale.opportunity(pipeline=foreign)
	deal = sale.opportunity()
	with refused(match="belongs to company"):
		save(deal, pipeline=foreign, stage=stages(foreign)[0])


def test_a_required_lead_is_asked_of_a_deal_that_moves_into_the_pipeline(sale, as_user, pipeline):
	asking = pipeline("Open", "Won", "Lost")
	frappe.db.set_value("Sales Pipeline", asking, "lead_step", "Required")
	as_user("rep")
	direct = sale.opportunity()
	with refused(match="requires a Sales Lead"):
		save(direct, pipeline=asking, stage=stages(asking)[0])
	from_lead = sale.opportunity(source_type="Sales Lead", source_name=sale.lead().name)
	save(from_lead, pipeline=asking, stage=stages(asking)[0])
	assert from_lead.pipeline == asking


# ---- stages that are gone when a deal comes back


@pytest.fixture
def lost_in(sale, as_user, pipeline):
	"""lost_in(1) is a deal that was lost in the second of three open stages, which is disabled by now."""

	def make(position: int):
		name = pipeline("Open", "Open", "Open", "Won", "Lost")
		as_user("rep")
		deal = sale.opportunity(pipeline=name)
		if position:
			api.move_stage(deal.doctype, deal.name, stages(name)[position])
		api.lose_deal(deal.doctype, deal.name, reason="Price")
		disable(stages(name)[position])
		return deal

	def disable(stage):
		as_user("Administrator")
		doc = frappe.get_doc("Pipeline Stage", stage)
		doc.disabled = 1
		doc.save()
		as_user("rep")

	return make


@pytest.mark.parametrize(("position", "expected"), [(1, 0), (0, 1)], ids=["before it", "the first there is"])
def test_a_deal_lost_in_a_stage_that_is_disabled_now_returns_to_the_nearest_one(lost_in, position, expected):
	deal = lost_in(position)
	api.reopen_deal(deal.doctype, deal.name)
	deal.reload()
	assert (deal.status, deal.stage) == ("Open", stages(deal.pipeline)[expected])


def test_a_cancelled_contract_opens_no_deal_in_a_disabled_stage(sale, as_user, pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	first, second, *_rest = stages(name)
	as_user("manager")
	deal = sale.opportunity(pipeline=name)
	api.move_stage(deal.doctype, deal.name, second)
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	contract.submit()
	as_user("Administrator")
	doc = frappe.get_doc("Pipeline Stage", second)
	doc.disabled = 1
	doc.save()
	as_user("manager")
	sale.cancel(contract)
	assert frappe.db.get_value(deal.doctype, deal.name, ["status", "stage"]) == ("Open", first)


def test_an_accepted_request_waits_for_a_won_stage_and_wins_once_there_is_one(sale, as_user, pipeline, monkeypatch):
	told = []
	monkeypatch.setattr(frappe, "msgprint", lambda message, **_more: told.append(message))
	name = pipeline("Open", "Lost")
	as_user("manager")
	deal = sale.opportunity(pipeline=name)
	request = sale.request(deal)
	# As acceptance leaves it; the order itself is of no interest here.
	request.db_set("status", "Accepted")
	outcome.sync_ancestors(request.doctype, request.name)
	assert len(told) == 1 and name in told[0] and "no enabled stage of type Won" in told[0]
	ref = outcome.Ref(deal.doctype, deal.name)
	assert not outcome.mend(ref)
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"
	add_stage(name, "Won", 90, "Won")
	assert outcome.mend(ref) and not outcome.mend(ref)
	assert frappe.db.get_value(deal.doctype, deal.name, ["status", "won_by_type", "won_by"]) == (
		"Won",
		"Sales Order Request",
		request.name,
	)


# ---- renaming


def walked_deal(sale, as_user, name: str):
	"""A deal of the pipeline that went through both open stages and was lost."""
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	api.move_stage(deal.doctype, deal.name, stages(name)[1])
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	as_user("Administrator")
	return deal


def walk_of(deal) -> list[tuple]:
	return [
		(e["kind"], e["from_value"], e["to_value"])
		for e in api.get_history(deal.doctype, deal.name)
		if e["kind"] in ("Created", "Stage")
	]


def test_the_ledger_follows_a_renamed_stage(sale, as_user, pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	first, second, _won, lost = stages(name)
	deal = walked_deal(sale, as_user, name)
	frappe.rename_doc("Pipeline Stage", second, f"{name}-renamed", force=True)
	assert walk_of(deal) == [
		("Created", None, first),
		("Stage", first, f"{name}-renamed"),
		("Stage", f"{name}-renamed", lost),
	]
	as_user("rep")
	api.reopen_deal(deal.doctype, deal.name)
	assert frappe.db.get_value(deal.doctype, deal.name, "stage") == f"{name}-renamed"


def test_renaming_a_pipeline_takes_stages_deals_and_ledger_along(sale, as_user, pipeline):
	name = pipeline("Open", "Open", "Won", "Lost")
	before = stages(name)
	deal = walked_deal(sale, as_user, name)
	walk = walk_of(deal)
	new = f"{name} B2B"
	frappe.rename_doc("Sales Pipeline", name, new)
	assert stages(new) == [stage.replace(name, new) for stage in before]
	assert walk_of(deal) == [(kind, f and f.replace(name, new), t.replace(name, new)) for kind, f, t in walk]
	assert frappe.db.get_value(deal.doctype, deal.name, ["pipeline", "stage"]) == (new, stages(new)[3])
	assert {e.pipeline for e in events_of(deal)} == {new}
	# The old name is free again, with stages of the same keys.
	assert not set(stages(pipeline("Open", "Open", name=name))) & set(stages(new))


def events_of(deal) -> list[dict]:
	return frappe.get_all(
		"Pipeline Event", filters={"reference_name": deal.name}, fields=["pipeline"], order_by="at asc"
	)


def test_pipelines_and_stages_are_not_merged(pipeline):
	one, other = pipeline("Open", "Won", "Lost"), pipeline("Open", "Won", "Lost")
	with refused(match="can't be merged"):
		frappe.rename_doc("Sales Pipeline", one, other, merge=True)
	with refused(match="can't be merged"):
		frappe.rename_doc("Pipeline Stage", stages(one)[0], stages(other)[0], force=True, merge=True)


# ---- dates


@pytest.mark.parametrize(
	("values", "message"),
	[
		({"opened_on": 3}, "Opened On .* is in the future"),
		({"opened_on": -3, "expected_close": -10}, "Opened On .* must not be after Expected Close"),
		({"expected_close": -1}, "Opened On .* must not be after Expected Close"),
	],
)
def test_dates_that_make_no_sense_are_named(sale, as_user, values, message):
	as_user("rep")
	with pytest.raises(frappe.ValidationError, match=message):
		sale.opportunity(**{field: add_days(nowdate(), days) for field, days in values.items()})


def test_a_deal_is_not_opened_after_it_was_closed(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(opened_on=add_days(nowdate(), -30))
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	frappe.db.set_value(deal.doctype, deal.name, "closed_on", add_days(nowdate(), -10))
	deal.reload()
	deal.opened_on = add_days(nowdate(), -5)
	with pytest.raises(frappe.ValidationError, match="Opened On .* must not be after Closed On"):
		deal.save()


def test_odd_dates_of_old_data_do_not_block_other_changes(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "expected_close", add_days(nowdate(), -400))
	deal.reload()
	deal.next_step = "Call again"
	deal.save()
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Lost"


def test_an_old_close_date_goes_along_with_a_conversion(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "expected_close", add_days(nowdate(), -4))
	made = api.opportunity_to_project(deal.name)
	assert str(frappe.db.get_value("Sales Project", made["name"], "expected_close")) == add_days(nowdate(), -4)


# ---- several won and lost stages


def allow_hand(pipeline: str) -> None:
	frappe.db.set_value("Sales Pipeline", pipeline, "allow_win_by_hand", 1)


@pytest.mark.parametrize("place", [2, 3, 4])
def test_a_deal_is_lost_in_the_very_stage_that_was_chosen(sale, as_user, pipeline, place):
	name = pipeline("Open", "Won", "Lost", "Lost", "Lost")
	chosen = stages(name)[place]
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	api.lose_deal(deal.doctype, deal.name, "Price", seen_stage=deal.stage, stage=chosen)
	deal.reload()
	assert (deal.stage, deal.status, deal.probability) == (chosen, "Lost", 0)


@pytest.mark.parametrize("place", [1, 2])
def test_a_deal_is_won_by_hand_in_the_very_stage_that_was_chosen(sale, as_user, pipeline, place):
	name = pipeline("Open", "Won", "Won", "Lost")
	allow_hand(name)
	chosen = stages(name)[place]
	as_user("rep")
	for by in (
		lambda deal: api.win_deal(deal.doctype, deal.name, chosen),
		lambda deal: api.move_stage(deal.doctype, deal.name, chosen),
	):
		deal = sale.opportunity(pipeline=name)
		by(deal)
		deal.reload()
		assert (deal.stage, deal.status) == (chosen, "Won")


def test_without_a_choice_the_first_closing_stage_is_taken(sale, as_user, pipeline):
	name = pipeline("Open", "Won", "Lost", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	api.lose_deal(deal.doctype, deal.name, "Price")
	assert frappe.db.get_value(deal.doctype, deal.name, "stage") == stages(name)[2]


def test_no_stage_of_another_kind_or_pipeline_ends_a_deal(sale, as_user, pipeline):
	name, other = pipeline("Open", "Won", "Lost"), pipeline("Open", "Won", "Lost")
	allow_hand(name)
	first, won, lost = stages(name)
	as_user("rep")
	deal = sale.opportunity(pipeline=name)
	for stage in (first, won):
		with refused(StageMoveError, match="not of type"):
			api.lose_deal(deal.doctype, deal.name, "Price", stage=stage)
	for stage in (first, lost):
		with refused(StageMoveError, match="not of type"):
			api.win_deal(deal.doctype, deal.name, stage)
	with refused(StageMoveError, match="another pipeline"):
		api.lose_deal(deal.doctype, deal.name, "Price", stage=stages(other)[2])
	with refused(frappe.DoesNotExistError):
		api.lose_deal(deal.doctype, deal.name, "Price", stage="nowhere")


def test_from_one_lost_stage_to_another_a_deal_is_not_lost_anew(sale, as_user, pipeline):
	name = pipeline("Open", "Won", "Lost", "Lost")
	as_user("rep")
	deal = sale.opportunity(pipeline=name, opened_on=add_days(nowdate(), -9))
	api.lose_deal(deal.doctype, deal.name, "Price")
	frappe.db.set_value(deal.doctype, deal.name, "closed_on", add_days(nowdate(), -4))
	api.lose_deal(deal.doctype, deal.name, "No Budget", stage=stages(name)[3])
	deal.reload()
	assert (deal.stage, deal.lost_reason, str(deal.closed_on)) == (
		stages(name)[3],
		"No Budget",
		add_days(nowdate(), -4),
	)
