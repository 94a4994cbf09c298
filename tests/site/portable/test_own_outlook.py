"""Open deals follow their stage's probability and category, but for those to which somebody gave their own."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.patches.v0_4 import remember_own_outlook

STAGE = "Standard Sales-proposal"


@pytest.fixture
def in_stage(sale, as_user):
	"""in_stage(**values) is an open deal that was moved to the stage."""

	def make(**values):
		as_user("manager")
		deal = sale.opportunity()
		api.move_stage(deal.doctype, deal.name, STAGE)
		deal.reload()
		if values:
			deal.update(values).save()
		return deal

	return make


def change(keep: bool = False, **values) -> None:
	stage = frappe.get_doc("Pipeline Stage", STAGE)
	stage.update({**values, **({"__keep_deals": 1} if keep else {})})
	stage.save()


def outlook(deal) -> tuple:
	return frappe.db.get_value(deal.doctype, deal.name, ["probability", "forecast_category"])


def test_deals_follow_their_stage(in_stage):
	deal = in_stage()
	change(probability=62, forecast_category="Commit")
	assert outlook(deal) == (62, "Commit")
	change(probability=35)
	assert outlook(deal) == (35, "Commit")


def test_what_somebody_set_on_a_deal_stays(in_stage):
	mine, category = in_stage(probability=77), in_stage(forecast_category="Omitted")
	change(probability=62, forecast_category="Commit")
	assert outlook(mine) == (77, "Commit")
	assert outlook(category) == (62, "Omitted")


def test_it_is_remembered_by_later_saves_and_forgotten_when_the_deal_moves_on(in_stage):
	deal = in_stage(probability=77)
	deal.reload()
	deal.update({"description": "x", "own_probability": 0}).save()
	change(probability=62)
	assert outlook(deal)[0] == 77
	api.move_stage(deal.doctype, deal.name, "Standard Sales-negotiation")
	api.move_stage(deal.doctype, deal.name, STAGE)
	assert outlook(deal)[0] == 62
	change(probability=64)
	assert outlook(deal)[0] == 64


def test_who_sets_the_value_of_the_stage_has_none_of_their_own(in_stage):
	deal = in_stage(probability=77)
	deal.reload()
	usual = frappe.db.get_value("Pipeline Stage", STAGE, "probability")
	deal.update({"probability": f"{usual:g}"}).save()
	change(probability=62)
	assert outlook(deal)[0] == 62


def test_deals_stay_as_they_are_when_the_form_says_so(in_stage):
	deal = in_stage()
	before = outlook(deal)
	change(keep=True, probability=62, forecast_category="Commit")
	assert outlook(deal) == before
	# They did not get their own by that.
	change(probability=63)
	assert outlook(deal)[0] == 63


def test_closed_deals_and_those_of_other_stages_stay(in_stage, sale):
	lost, first = in_stage(), sale.opportunity()
	api.lose_deal(lost.doctype, lost.name, "Price")
	before = outlook(first)
	change(probability=62)
	assert (outlook(lost)[0], outlook(first)) == (0, before)


def test_a_form_that_was_open_before_can_not_put_the_old_value_back(in_stage):
	deal = in_stage()
	change(probability=62)
	with pytest.raises(frappe.ValidationError):
		deal.save()


def test_the_form_asks_with_the_number_of_deals_that_would_follow(in_stage, as_user):
	had = api.get_stage_followers(STAGE)
	in_stage(), in_stage(), in_stage(probability=77)
	told = api.get_stage_followers(STAGE)
	assert told["deals"]["probability"] - had["deals"]["probability"] == 2
	assert told["deals"]["forecast_category"] - had["deals"]["forecast_category"] == 3
	assert told["probability"] == frappe.db.get_value("Pipeline Stage", STAGE, "probability")
	as_user("rep")
	with pytest.raises(frappe.PermissionError):
		api.get_stage_followers(STAGE)


def test_projects_follow_too(sale, as_user):
	as_user("manager")
	values = {
		"doctype": "Sales Project",
		"title": "Refit",
		"customer": sale.world.customer,
		"company": sale.world.company,
	}
	project = frappe.get_doc({**values, "project_type": "Sales"}).insert()
	stage = frappe.get_doc("Pipeline Stage", project.stage)
	stage.probability = 31
	stage.save()
	assert frappe.db.get_value("Sales Project", project.name, "probability") == 31


def test_deals_of_earlier_versions_have_their_own_where_they_differ(in_stage):
	mine, usual = in_stage(probability=77), in_stage()
	for deal in (mine, usual):
		frappe.db.set_value(deal.doctype, deal.name, {"own_probability": 0, "own_forecast_category": 0})
	for _twice in range(2):
		remember_own_outlook.execute()
	own = [frappe.db.get_value(d.doctype, d.name, ["own_probability", "own_forecast_category"]) for d in (mine, usual)]
	assert own == [(1, 0), (0, 0)]
