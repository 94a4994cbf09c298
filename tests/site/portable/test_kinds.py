"""Channels and activity types are records: the app knows the standard ones by their key, whatever they are called."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL, NAME_FIELDS, STANDARD
from tests.site.world import refused


def new(doctype: str, name: str, **values):
	return frappe.get_doc({"doctype": doctype, NAME_FIELDS[doctype]: name, **values}).insert()


@pytest.mark.parametrize("doctype", STANDARD)
def test_a_new_site_has_the_standard_ones_once(doctype):
	names = {key: standard_kinds.name_of(doctype, key) for key in STANDARD[doctype]}
	assert names == STANDARD[doctype]
	before = frappe.db.count(doctype)
	standard_kinds.make_standard(doctype)
	assert frappe.db.count(doctype) == before


def test_a_standard_one_is_disabled_and_not_deleted(world):
	with refused(match="Phone.*Disable it instead"):
		frappe.delete_doc(ACTIVITY_TYPE, standard_kinds.name_of(ACTIVITY_TYPE, "phone"))
	own = new(CHANNEL, f"Podcast {world.tag}")
	frappe.delete_doc(CHANNEL, own.name)
	assert not frappe.db.exists(CHANNEL, own.name)


def test_nobody_makes_a_record_a_standard_one(world):
	own = new(CHANNEL, f"Podcast {world.tag}", standard_key="planted")
	own.standard_key = "hotline"
	own.save()
	assert frappe.db.get_value(CHANNEL, own.name, "standard_key") is None


def test_a_channel_that_is_none_is_refused(sale):
	with refused(frappe.LinkValidationError):
		sale.lead(channel="No Such Way")


def test_an_activity_is_a_call_where_nobody_says_so(sale):
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	activity = frappe.get_doc({"doctype": "Sales Activity", "subject": "About the offer", **about}).insert()
	assert activity.way == standard_kinds.name_of(ACTIVITY_TYPE, "phone")


def test_a_lead_of_a_campaign_came_by_the_campaign(world):
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": f"Fair {world.tag}", "company": world.company}
	).insert()
	assert api.campaign_to_lead(campaign.name).channel == standard_kinds.name_of(CHANNEL, "campaign")
