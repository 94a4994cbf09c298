"""What the figures are made of: indexes that answer them alone, and the columns that lists, cards and dialogs show."""

import ast

from tests.contract.source import APP, doctypes

INDEXES = {
	"crm_board_open": "company pipeline stage status expected_close name base_amount probability is_stalled",
	"crm_board_closed": "company pipeline stage closed_on name outcome base_amount base_won_amount probability is_stalled",
	"crm_funnel": (
		"company pipeline opened_on outcome stage closed_from closed_on base_amount base_won_amount probability ordered_amount "
		"delivered_amount billed_amount paid_amount stage_entered_on earlier_seconds passed_stages"
	),
	"crm_outcome": "company outcome closed_on base_won_amount",
}
DIALOG = "name title party_name stage status sales_owner sales_person expected_close"
CARD = (
	"name title party_name company stage status amount currency expected_close closed_on sales_owner sales_person next_step "
	"next_step_date stage_entered_on earlier_seconds modified outcome won_amount is_stalled stalled_score stalled_reasons "
	"customer prospect"
)


def constant(file: str, name: str):
	"""What a module says by a literal."""
	tree = ast.parse((APP / "analytics" / file).read_text(encoding="utf-8"))
	[value] = [
		node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
	]
	return ast.literal_eval(value)


def test_an_index_holds_all_that_its_figure_asks_for_in_the_order_in_which_it_asks():
	"""benchmarks/README.md says what each of them answers, and how long it takes without."""
	assert {name: " ".join(fields) for name, fields in constant("indexes.py", "INDEXES").items()} == INDEXES


def test_the_columns_of_an_index_are_there_in_both_kinds_of_deals():
	for doctype in doctypes().values():
		if doctype["name"] in ("Sales Opportunity", "Sales Project"):
			there = {field["fieldname"] for field in doctype["fields"]} | {"name"}
			for name, fields in INDEXES.items():
				assert set(fields.split()) <= there, (doctype["name"], name)


def test_dialogs_show_the_same_columns_wherever_they_open():
	assert " ".join(constant("figure_documents.py", "FIELDS")) == DIALOG


def test_a_card_of_the_board_shows_these():
	assert " ".join(constant("board_columns.py", "CARD_FIELDS")) == CARD
