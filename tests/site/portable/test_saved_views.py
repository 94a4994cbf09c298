"""Filters, reports and boards that somebody saved in 0.3 and that name a field which changed or went."""

import json

import pytest

from crm_pipeline.patches.saved_views import followed, followed_by_name

DEAL, ROW, REQUEST = "Sales Opportunity", "Sales Contract Item", "Sales Order Request"


@pytest.mark.parametrize(
	("about", "before", "after"),
	[
		(
			DEAL,
			[[DEAL, "won_by", "=", "Sales Contract CON-1", False]],
			[[DEAL, "won_by_type", "=", "Sales Contract", False], [DEAL, "won_by", "=", "CON-1", False]],
		),
		(
			DEAL,
			[[DEAL, "won_by", "=", "Sales Order Request SOR-1"]],
			[[DEAL, "won_by_type", "=", "Sales Order Request"], [DEAL, "won_by", "=", "SOR-1"]],
		),
		(DEAL, [[DEAL, "won_by", "like", "Sales Order %"]], [[DEAL, "won_by_type", "=", "Sales Order"]]),
		(
			DEAL,
			[[DEAL, "won_by", "like", "%Sales Order Request%"]],
			[[DEAL, "won_by_type", "=", "Sales Order Request"]],
		),
		(
			"Sales Project",
			[["won_by", "like", "Sales Contract CON%"]],
			[["won_by_type", "=", "Sales Contract"], ["won_by", "like", "CON%"]],
		),
		(
			DEAL,
			[[DEAL, "won_by", "in", ["Sales Contract C 1", "Sales Order S"]]],
			[[DEAL, "won_by", "in", ["C 1", "S"]]],
		),
		(DEAL, [[DEAL, "won_by", "not like", "Sales Order%"]], [[DEAL, "won_by_type", "!=", "Sales Order"]]),
		(DEAL, [[DEAL, "won_by", "is", "set"]], [[DEAL, "won_by", "is", "set"]]),
		(DEAL, {"filters": [[DEAL, "won_by", "like", "%CON-2%"]]}, {"filters": [[DEAL, "won_by", "like", "%CON-2%"]]}),
		(
			"Sales Contract",
			{"columns": [["name", "Sales Contract"], ["requested_qty", ROW]], "sort_by": f"`tab{ROW}`.`requested_qty`"},
			{"columns": [["name", "Sales Contract"]]},
		),
		(REQUEST, {"fields": ["name", "conversion_key"]}, {"fields": ["name"]}),
		(
			REQUEST,
			[[REQUEST, "conversion_key", "is", "set"], [REQUEST, "status", "=", "Draft"]],
			[[REQUEST, "status", "=", "Draft"]],
		),
		(
			"Sales Contract",
			[["Sales Contract", "conversion_key", "is", "set"]],
			[["Sales Contract", "conversion_key", "is", "set"]],
		),
		(REQUEST, [{"fieldname": "name"}, {"fieldname": "conversion_key"}], [{"fieldname": "name"}]),
		(
			"Sales Contract",
			{"GridView": {ROW: [{"fieldname": "item_code", "columns": 2}, {"fieldname": "requested_qty"}]}},
			{"GridView": {ROW: [{"fieldname": "item_code", "columns": 2}]}},
		),
		("Sales Lead", [{"fieldname": "conversion_key"}], [{"fieldname": "conversion_key"}]),
		(DEAL, [[DEAL, "title", "like", "%won_by%"]], [[DEAL, "title", "like", "%won_by%"]]),
	],
)
def test_a_saved_view_goes_on_working(about, before, after):
	assert json.loads(followed(json.dumps(before), about)) == after
	once = followed(json.dumps(after), about)
	assert json.loads(once) == after, "a second time changes nothing"


@pytest.mark.parametrize("text", [None, "", "{won_by", "[]", '{"won_by": 1}', '[["won_by"]]', '["won_by", 3]'])
def test_what_is_no_view_stays_as_it_is(text):
	assert followed(text, DEAL) == text


@pytest.mark.parametrize(
	("before", "after"),
	[
		(
			{"won_by": "Sales Contract CON-1", "stage": "S"},
			{"stage": "S", "won_by_type": ["=", "Sales Contract"], "won_by": ["=", "CON-1"]},
		),
		({"won_by": ["like", "%Sales Order Request%"]}, {"won_by_type": ["=", "Sales Order Request"]}),
		({"won_by": ["like", "%CON%"]}, {"won_by": ["like", "%CON%"]}),
		({"stage": "S"}, {"stage": "S"}),
	],
)
def test_filters_by_name_go_on_working(before, after):
	once = followed_by_name(json.dumps(before))
	assert json.loads(once) == after
	assert json.loads(followed_by_name(once)) == after


@pytest.mark.parametrize("text", [None, "", "{won_by", "[]", "3", '[["won_by", "=", "x"]]'])
def test_what_are_no_filters_by_name_stay_as_they_are(text):
	assert followed_by_name(text) == text
