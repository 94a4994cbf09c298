"""Conditions of segments and rules go on to mean the record that they name, whatever it is called."""

import json

import frappe
import pytest

from crm_pipeline.overrides import renamed
from tests.site.portable.test_lead_scores import rule

CHANNEL, LEAD = "Sales Channel", "Sales Lead"


@pytest.fixture
def channel(site):
	name = f"Fair {frappe.generate_hash(length=6)}"
	return frappe.get_doc({"doctype": CHANNEL, "channel_name": name}).insert().name


def rename(doctype: str, old: str) -> str:
	new = f"{old}, renamed"
	frappe.rename_doc(doctype, old, new)
	return new


def test_a_segment_and_a_rule_with_filters_of_their_own_follow_a_renamed_channel(world, channel):
	filters = [[LEAD, "channel", "in", [channel, "Referral"]], [LEAD, "title", "like", f"%{channel}%"]]
	segment = frappe.get_doc({
		"doctype": "Sales Segment", "segment_name": "From the Fair", "applies_to": LEAD, "filters": json.dumps(filters),
	}).insert()  # fmt: skip
	given = frappe.get_doc({
		"doctype": "Lead Assignment Rule", "title": "Fair", "position": 900, "method": "Rotation",
		"members": [{"user": "rep@crm-test.example"}], "own_filters": json.dumps([["channel", "=", channel]]),
	}).insert()  # fmt: skip
	new = rename(CHANNEL, channel)
	stored = json.loads(frappe.db.get_value("Sales Segment", segment.name, "filters"))
	assert stored == [[LEAD, "channel", "in", [new, "Referral"]], filters[1]]
	assert json.loads(frappe.db.get_value("Lead Assignment Rule", given.name, "own_filters")) == [["channel", "=", new]]


def test_a_score_rule_follows_a_renamed_channel_and_leads_keep_their_score(sale, as_user, channel):
	frappe.db.delete("Lead Score Rule")
	points = rule(30, kind="Field", fieldname="channel", operator="is", value=f"Referral\n{channel}")
	told = rule(5, kind="Field", fieldname="title", operator="is", value=channel)
	as_user("rep")
	lead = sale.lead(channel=channel)
	assert lead.score == 30
	frappe.set_user("Administrator")
	new = rename(CHANNEL, channel)
	lead.reload()
	lead.title = "Five pumps"
	lead.save()
	assert (lead.channel, lead.score) == (new, 30)
	values = [frappe.db.get_value("Lead Score Rule", doc.name, "value") for doc in (points, told)]
	assert values == [f"Referral\n{new}", channel]


@pytest.mark.parametrize(
	("text", "expected"),
	[
		('{"territory": "North"}', {"territory": "South"}),
		('{"territory": ["in", ["East", "North"]]}', {"territory": ["in", ["East", "South"]]}),
		('[["territory", "in", "East, North"]]', [["territory", "in", "East, South"]]),
		(
			'[["Customer", "territory", "descendants of", "North", false]]',
			[["Customer", "territory", "descendants of", "South", False]],
		),
	],
)
def test_each_writing_of_a_filter_follows(site, text, expected):
	assert json.loads(renamed.with_new_name(text, "Customer", "Territory", "North", "South")) == expected


@pytest.mark.parametrize(
	"text", ["", None, "no filters", '"North"', '[["Customer", "customer_name", "=", "North"]]', '[["territory"]]']
)
def test_what_names_something_else_or_can_not_be_read_stays_as_it_was_written(site, text):
	assert renamed.with_new_name(text, "Customer", "Territory", "North", "South") == text


def test_a_rename_does_not_end_at_a_condition_of_ours(channel, monkeypatch):
	def breaks(*_about):
		raise RuntimeError("broken")

	monkeypatch.setattr(renamed, "_follow_in_scores", breaks)
	new = rename(CHANNEL, channel)
	assert frappe.db.exists(CHANNEL, new)
	assert frappe.db.exists("Error Log", {"method": ("like", f"%conditions did not follow the new name of {new}%")})
