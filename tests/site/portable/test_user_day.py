"""Days that people type are judged by their day, wherever the site is."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_pipeline import api, user_day
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome
from crm_pipeline.demo import clock

SITE = "America/New_York"


@pytest.fixture
def at(rolled_back, as_user):
	"""at(zone, "rep"): it is eight in the evening on the site, and the user lives in another zone."""
	day = datetime.combine(getdate(), datetime.min.time())

	def live(zone: str, who: str, site: str = SITE, hour: int = 20):
		as_user("Administrator")
		frappe.db.set_single_value("System Settings", "time_zone", site)
		clock.set_to(day + timedelta(hours=hour))
		email = f"{who}@crm-test.example"
		frappe.db.set_value("User", email, "time_zone", zone)
		frappe.clear_document_cache("User", email)
		as_user(who)

	with clock.story_time():
		clock.set_to(day + timedelta(hours=20))
		yield live
	for who in ("rep", "desk", "manager"):
		frappe.clear_document_cache("User", f"{who}@crm-test.example")


def tomorrow():
	return getdate(add_days(getdate(), 1))


def yesterday():
	return getdate(add_days(getdate(), -1))


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Auckland", "Australia/Sydney"])
def test_a_user_further_east_opens_a_deal_today(sale, at, zone):
	at(zone, "rep")
	assert user_day.user_today() == tomorrow()
	deal = sale.opportunity(opened_on=tomorrow(), expected_close=tomorrow())
	assert getdate(deal.opened_on) == tomorrow()
	with pytest.raises(frappe.ValidationError, match="in the future"):
		sale.opportunity(opened_on=add_days(tomorrow(), 1))


def test_a_user_further_west_opens_a_deal_today(sale, at):
	at("Pacific/Honolulu", "rep", site="Asia/Tokyo", hour=9)
	assert user_day.user_today() == yesterday()
	assert sale.opportunity(opened_on=yesterday(), expected_close=yesterday()).name
	# The default of the field is the site's day.
	assert sale.opportunity(opened_on=getdate()).name


def test_who_has_no_zone_or_an_unknown_one_has_the_day_of_the_site(sale, at):
	at("", "rep")
	assert user_day.user_today() == getdate()
	at("Mars/Olympus", "rep")
	assert user_day.user_today() == getdate()


def test_won_and_lost_on_the_day_it_was_opened(sale, at):
	at("Asia/Tokyo", "manager")
	lost = sale.opportunity(opened_on=tomorrow())
	api.lose_deal(lost.doctype, lost.name, "Price")
	lost.reload()
	assert getdate(lost.closed_on) == tomorrow()
	at("Asia/Tokyo", "manager")
	won = sale.opportunity(opened_on=tomorrow())
	contract = frappe.get_doc("Sales Contract", api.make_contract(won.doctype, won.name)["name"])
	contract.submit()
	assert getdate(contract.signed_on) == tomorrow()
	won.reload()
	assert getdate(won.closed_on) == tomorrow()


def test_a_win_keeps_its_day_whoever_looks_at_it_next(sale, at, as_user):
	at("Asia/Tokyo", "manager")
	deal = sale.opportunity(opened_on=tomorrow())
	frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"]).submit()
	as_user("Administrator")
	assert not outcome.mend(Ref(deal.doctype, deal.name))
	assert getdate(frappe.db.get_value(deal.doctype, deal.name, "closed_on")) == tomorrow()


def test_who_closes_it_further_west_does_not_close_it_before_it_was_opened(sale, at, as_user):
	at("Asia/Tokyo", "rep")
	deal = sale.opportunity(opened_on=tomorrow())
	as_user("manager")
	api.lose_deal(deal.doctype, deal.name, "Price")
	assert getdate(frappe.db.get_value(deal.doctype, deal.name, "closed_on")) == tomorrow()


def test_a_contract_that_starts_today_is_ordered_today(sale, at):
	at("Asia/Tokyo", "desk")
	contract = sale.contract(start_date=tomorrow(), end_date=add_days(tomorrow(), 365))
	assert sale.request(contract, submit=False).name


def test_a_contract_that_ends_today_is_ordered_until_the_evening(sale, at):
	at("Pacific/Honolulu", "desk", site="Asia/Tokyo", hour=9)
	contract = sale.contract(start_date=add_days(yesterday(), -30), end_date=yesterday())
	request = sale.request(contract, submit=False)
	assert getdate(request.transaction_date) == yesterday()


def test_a_next_step_and_a_close_date_of_today_are_not_late(sale, at):
	at("Pacific/Honolulu", "rep", site="Asia/Tokyo", hour=9)
	deal = sale.opportunity(
		opened_on=yesterday(), expected_close=yesterday(), next_step="Call", next_step_date=yesterday()
	)
	card = api.get_card(deal.doctype, deal.name)
	assert not card["overdue"]
	reasons = api.get_deal_health(deal.doctype, deal.name)["reasons"]
	assert not {"overdue", "next_step", "next_step_late"} & {reason["signal"] for reason in reasons}
