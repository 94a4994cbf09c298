"""What `make explore` draws of a document: its chain as a tree, its ribbon, and values as a person reads them."""

import pytest

from benchless.walk import screen, story
from crm_pipeline import api


@pytest.fixture
def drawn(capsys):
	"""drawn("chain", data): the lines that are shown."""

	def draw(kind, data):
		capsys.readouterr()
		screen.Screen().picture(kind, data)
		return [line for line in capsys.readouterr().out.splitlines() if line.strip()]

	return draw


@pytest.fixture
def campaign(sale):
	"""A campaign with a lost deal, an open one, and one that its contract won."""
	import frappe

	doc = frappe.get_doc({"doctype": "Sales Campaign", "title": "Fair", "company": sale.world.company}).insert()
	of = {"source_type": doc.doctype, "source_name": doc.name, "campaign": doc.name}
	doc.lost, doc.running, doc.won = (sale.opportunity(title=title, **of) for title in ("Lost", "Running", "Won"))
	api.lose_deal(doc.lost.doctype, doc.lost.name, "Price")
	doc.agreed = sale.contract(title="Frame", source_type=doc.won.doctype, source_name=doc.won.name)
	return doc


def depth(line: str) -> int:
	return len(line) - len(line.lstrip(" └"))


def test_each_document_hangs_below_the_one_it_came_from_whatever_its_kind(campaign, drawn):
	lines = drawn("chain", story.family(api.get_chain(campaign.doctype, campaign.name)))[1:]
	place = {name: n for n, line in enumerate(lines) for name in line.replace(":", " ").split()}
	order = [place[doc.name] for doc in (campaign, campaign.won, campaign.agreed)]
	assert order[0] == 0 and order[2] == order[1] + 1, "the contract stands right below the deal that it won"
	depths = {
		name: depth(lines[place[name]])
		for name in (campaign.name, campaign.lost.name, campaign.won.name, campaign.agreed.name)
	}
	assert (
		depths[campaign.name] < depths[campaign.lost.name] == depths[campaign.won.name] < depths[campaign.agreed.name]
	)
	assert "└" not in lines[0] and all("└" in line for line in lines[1:])
	assert lines[place[campaign.won.name]].endswith(": Won, Won") and "Lost, Lost" in lines[place[campaign.lost.name]]


def test_a_document_whose_source_is_not_shown_begins_a_tree_of_its_own(drawn):
	one = lambda name, source=None, **values: {"doctype": "Sales Lead", "name": name, "source": source, **values}  # noqa: E731
	chain = [
		one("B", ("Sales Lead", "A")),
		one("C", ("Sales Lead", "Elsewhere"), title="T", state="Open"),
		one("A", title="A", state=None),
		one("D", ("Sales Lead", "B"), title="x" * 90),
	]
	assert drawn("chain", chain)[1:] == [
		"    Sales Lead C: T, Open",
		"    Sales Lead A",
		"      └ Sales Lead B",
		f"        └ Sales Lead D: {'x' * 90}"[:77] + "...",
	]


def test_a_campaign_is_not_done_while_one_of_its_deals_is_open(campaign, drawn):
	states = lambda: {step["label"]: step["state"] for step in api.get_ribbon(campaign.doctype, campaign.name)["steps"]}  # noqa: E731
	assert states()["Opportunity"] == "current"
	shown = " ".join(drawn("ribbon", api.get_ribbon(campaign.doctype, campaign.name)))
	assert "[>] Opportunity" in shown and "[x] Opportunity" not in shown and screen.LEGEND in shown
	api.lose_deal(campaign.running.doctype, campaign.running.name, "Price")
	assert states()["Opportunity"] == "done"
	assert "[x] Opportunity" in " ".join(drawn("ribbon", api.get_ribbon(campaign.doctype, campaign.name)))


@pytest.mark.parametrize(
	("value", "text"),
	[
		(7200.0, "7,200.00"),
		("7200.0", "7,200.00"),
		("-0.5", "-0.50"),
		(7, "7"),
		("2026-06-20 10:11:12.123456", "2026-06-20 10:11"),
		("2026-06-20", "2026-06-20"),
		(None, ""),
		("OPP-2026-00001", "OPP-2026-00001"),
	],
)
def test_values_are_written_as_a_person_reads_them(value, text):
	assert screen.shown(value) == text


def test_columns_are_as_wide_as_their_values_with_numbers_to_the_right():
	assert screen.columns([["Pump", 1.0, "x"], ["Filters", 1200.0, ""]]) == [
		"Pump         1.00  x",
		"Filters  1,200.00",
	]
	assert screen.columns([["a" * 40]], longest=3) == ["aaa"] and screen.columns([]) == []
