"""What the words of another CRM probably mean here."""

from datetime import date, datetime

import pytest

from crm_pipeline.core import moving_in as rules
from crm_pipeline.core.moving_in import OldStage
from crm_pipeline.importer.moving_in.system_table import text_of

STAGES = (
	("Qualification", "Open"),
	("Needs Analysis", "Open"),
	("Proposal", "Open"),
	("Negotiation", "Open"),
	("Won", "Won"),
	("Lost", "Lost"),
)


def test_stages_of_erpnext_go_to_the_standard_pipeline():
	old = [*map(OldStage, rules.ERPNEXT_STAGES), *(OldStage(*one) for one in rules.ERPNEXT_ENDS.items())]
	assert rules.guess_stages(old, STAGES) == {
		"Prospecting": "Qualification",
		"Qualification": "Qualification",
		"Needs Analysis": "Needs Analysis",
		"Value Proposition": "Needs Analysis",
		"Identifying Decision Makers": "Needs Analysis",
		"Perception Analysis": "Needs Analysis",
		"Proposal/Price Quote": "Proposal",
		"Negotiation/Review": "Negotiation",
		"Converted": "Won",
		"Lost": "Lost",
		"Closed": "Lost",
	}


def test_a_pipeline_without_an_end_leaves_it_to_a_person():
	assert rules.guess_stages([OldStage("Gone", "Lost"), OldStage("Talk")], [("First", "Open")]) == {
		"Gone": "",
		"Talk": "First",
	}
	assert rules.guess_stages([OldStage("Talk")], []) == {"Talk": ""}


@pytest.mark.parametrize(("entered", "own"), [(100, None), (0, None), (None, None), (60, 60), (0.5, 0.5), (120, None)])
def test_a_chance_that_nobody_entered_is_that_of_the_stage(entered, own):
	assert rules.probability(entered) == own


@pytest.mark.parametrize(
	("items", "deal", "amount"), [(250, 999, (250, 749)), (0, 999, (999, 0)), (250, 0, (250, 0)), (250, 250, (250, 0))]
)
def test_items_say_what_a_deal_is_worth(items, deal, amount):
	assert rules.amount_of(items, deal) == amount


def moves(data):
	return rules.version_moves(data, datetime(2023, 1, 20, 12), "sales_stage", rules.ERPNEXT_ENDS)


def test_a_stored_version_tells_moves_and_the_end_and_nothing_else():
	day = date(2023, 1, 20)
	assert moves('{"changed": [["sales_stage", "A", "B"], ["title", "x", "y"]]}') == [("A", "B", day)]
	assert moves('{"changed": [["status", "Open", "Lost"], ["status", "Lost", "Open"]]}') == [("", "Lost", day)]
	assert moves('{"changed": [["order_status", "Open", "Lost"], ["sales_stage_2", "A", "B"]]}') == []
	assert moves('{"changed": [["sales_stage", "A", null], ["sales_stage", null, "B"]]}') == [("", "B", day)]
	assert moves('{"changed": [["sales_stage", "A", ""], ["status", "Open", ""]]}') == []
	for broken in (
		None,
		"",
		"not json",
		"[]",
		'{"changed": null}',
		'{"changed": [["sales_stage"], 3, "x"]}',
		'{"a": 1}',
	):
		assert moves(broken) == []


def test_leads_of_one_firm_have_one_prospect_whatever_the_case_of_its_name():
	leads = {"L1": "Acme  Ltd", "L2": "acme ltd", "L3": "", "L4": None, "L5": "Known Co"}
	assert rules.same_firm(leads, ["Known Co"]) == {"L1": "L1", "L2": "L1", "L3": "L3", "L4": "L4", "L5": "Known Co"}


def test_known_words_come_in_their_order_and_others_after_them():
	assert rules.in_order({"Own", "Qualification", "Prospecting", "Also Own"}, rules.ERPNEXT_STAGES) == [
		"Prospecting",
		"Qualification",
		"Also Own",
		"Own",
	]


def test_facts_without_a_field_are_lines_of_text():
	assert rules.lines(("Type", "Client"), ("Segment", None), ("Revenue", 0), ("Stars", "")) == "Type: Client"


@pytest.mark.parametrize(
	("value", "text"),
	[
		(None, ""),
		(0.0, "0"),
		(1234.5, "1234.5"),
		(1e-7, "0.0000001"),
		(1e11, "100000000000"),
		(date(2023, 4, 5), "2023-04-05"),
		(datetime(2023, 4, 5, 6, 7, 8, 999), "2023-04-05 06:07:08"),
		("  Ann ", "Ann"),
	],
)
def test_values_of_a_table_are_texts_as_a_file_has_them(value, text):
	assert text_of(value) == text
