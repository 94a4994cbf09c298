"""Facts that 0.3 kept in words become columns, whatever happens to the upgrade; and names follow where they are renamed."""

import frappe
import pytest
from frappe.utils import getdate, now_datetime

from crm_pipeline import api
from crm_pipeline.analytics import deal_facts, stalled_rules
from crm_pipeline.chain import ledger, standard_kinds
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL, NAME_FIELDS
from crm_pipeline.deals import outcome
from crm_pipeline.patches import pages
from crm_pipeline.patches.v0_4 import name_winners, relate_events, store_outcomes
from tests.site.world import refused

FACTS = ["won_by_type", "won_by", "outcome", "won_amount", "base_won_amount"]


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
	monkeypatch.setattr(pages, "PAGE", 2)
	monkeypatch.setattr(store_outcomes, "renew_indexes", lambda doctype: None)


class Killed(Exception):
	pass


def killed_after(monkeypatch, patch, writes: int) -> None:
	"""Run a patch that dies when it writes for the second time, or later."""
	done, write = [], pages.write

	def once(*args):
		if len(done) == writes:
			raise Killed
		done.append(write(*args))

	monkeypatch.setattr(patch, "write", once)
	with pytest.raises(Killed):
		patch.execute()
	monkeypatch.setattr(patch, "write", write)


# ---- who won a deal, and what it was sold for


@pytest.fixture
def old_deals(sale):
	"""Five deals, each won by another document, as 0.3 stored them; {name: what they are to say}."""
	found = {}
	for number in range(5):
		deal = sale.opportunity()
		if number % 2:
			sale.contract(
				source_type=deal.doctype, source_name=deal.name, items=sale.rows((sale.world.pump, 1, 100 + number))
			)
		else:
			sale.order(deal)
			sale.sync_outcome()
		facts = frappe.db.get_value(deal.doctype, deal.name, FACTS, as_dict=True)
		assert facts.outcome == "Won" and facts.won_by
		found[deal.name] = facts
		words = f"{facts.won_by_type} {facts.won_by}"
		old = {**dict.fromkeys(FACTS), "won_amount": 0, "base_won_amount": 0, "won_by": words}
		frappe.db.set_value(deal.doctype, deal.name, old)
	return found


def facts_of(names) -> dict:
	return {name: frappe.db.get_value("Sales Opportunity", name, FACTS, as_dict=True) for name in names}


def test_words_become_type_and_name_and_the_amount_is_stored(old_deals):
	name_winners.execute()
	store_outcomes.execute()
	assert facts_of(old_deals) == old_deals
	name_winners.execute()
	store_outcomes.execute()
	assert facts_of(old_deals) == old_deals


@pytest.mark.parametrize("writes", [1, 2])
def test_an_upgrade_that_was_killed_goes_on_where_it_stopped(old_deals, monkeypatch, writes):
	killed_after(monkeypatch, name_winners, writes)
	assert 0 < sum(bool(facts.won_by_type) for facts in facts_of(old_deals).values())
	name_winners.execute()
	killed_after(monkeypatch, store_outcomes, writes)
	store_outcomes.execute()
	assert facts_of(old_deals) == old_deals


def test_words_of_somebody_else_stay_readable_and_the_deal_can_be_saved(sale):
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "won_by", "a handshake")
	name_winners.execute()
	assert frappe.db.get_value(deal.doctype, deal.name, "won_by") is None
	comment = frappe.get_last_doc("Comment", {"reference_name": deal.name, "comment_type": "Info"})
	assert "a handshake" in comment.content
	deal.reload()
	deal.save()


def test_a_winner_that_was_renamed_before_the_upgrade_is_found_again(sale):
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	frappe.db.set_value(deal.doctype, deal.name, {"won_by_type": None, "won_by": "Sales Contract CON-OLD-NAME"})
	name_winners.execute()
	assert frappe.db.get_value(deal.doctype, deal.name, ["won_by_type", "won_by"]) == ("Sales Contract", contract.name)


def test_a_renamed_contract_is_still_what_won_the_deal(sale):
	deal = sale.opportunity()
	# What Frappe keeps of a day on which no contract had won a deal.
	frappe.cache.set_value("dynamic_link_map::Sales Opportunity::won_by_type", ["Sales Order Request"])
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	frappe.rename_doc("Sales Contract", contract.name, f"{contract.name}-X", force=True)
	winner = frappe.db.get_value(deal.doctype, deal.name, ["won_by_type", "won_by"])
	assert winner == ("Sales Contract", f"{contract.name}-X")
	assert not outcome.mend(Ref(deal.doctype, deal.name))
	deal.reload()
	deal.save()


# ---- the ledger


def quotation_events(deal) -> list[tuple]:
	rows = ledger.history(deal.doctype, deal.name)
	return [(row.related_name, row.from_value, row.to_value) for row in rows if row.kind == "Quotation"]


def test_a_quotation_has_its_own_last_state_though_an_amended_one_begins_with_its_name(sale):
	deal = sale.opportunity()
	first = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	first.submit()
	sale.cancel(first)
	second = sale.amend(first)
	assert second.name.startswith(first.name)
	told = quotation_events(deal)
	assert [row[1:] for row in told if row[0] == second.name][0][0] is None, "an amended one begins anew"
	assert [row[2] for row in told if row[0] == first.name][-1] == "Cancelled"


def test_old_rows_of_the_ledger_name_their_document(sale, monkeypatch):
	deal = sale.opportunity()
	first = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	first.submit()
	sale.cancel(first)
	sale.amend(first)
	sale.contract(source_type=deal.doctype, source_name=deal.name)
	project = api.opportunity_to_project(sale.opportunity().name)["name"]
	source = frappe.db.get_value("Sales Project", project, "source_name")

	def related() -> list[tuple]:
		rows = [*ledger.history(deal.doctype, deal.name), *ledger.history("Sales Opportunity", source)]
		return [(row.name, row.related_doctype, row.related_name) for row in rows]

	before = related()
	assert {doctype for _name, doctype, _related in before} >= {"Quotation", "Sales Contract", "Sales Project"}
	for name, _doctype, _related in before:
		frappe.db.set_value("Pipeline Event", name, {"related_doctype": None, "related_name": None})
	killed_after(monkeypatch, relate_events, 1)
	relate_events.execute()
	assert related() == before


def test_a_deal_won_by_hand_follows_what_becomes_of_its_quotation(sale):
	deal = sale.opportunity()
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.items[0].rate = quotation.items[0].rate * 3
	quotation.submit()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, "allow_win_by_hand", 1)
	api.win_deal(deal.doctype, deal.name)
	assert (
		frappe.db.get_value(deal.doctype, deal.name, "base_won_amount") == quotation.base_net_total != deal.base_amount
	)
	sale.cancel(quotation)
	assert frappe.db.get_value(deal.doctype, deal.name, "base_won_amount") == deal.base_amount


def test_a_renamed_activity_type_is_still_a_meeting(sale, world):
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	meeting = standard_kinds.name_of(ACTIVITY_TYPE, "meeting")
	frappe.rename_doc(ACTIVITY_TYPE, meeting, f"Get-together {world.tag}")
	assert standard_kinds.name_of(ACTIVITY_TYPE, "meeting") == f"Get-together {world.tag}"
	held = {"way": f"Get-together {world.tag}", "status": "Done", "direction": "Outbound", "starts_on": now_datetime()}
	frappe.get_doc({"doctype": "Sales Activity", "subject": "On board", **about, **held}).insert()
	facts = deal_facts.gather(deal.doctype, [deal.name], stalled_rules.rules(), now_datetime())
	assert facts[deal.name].in_touch_days == 0


def test_merged_into_an_own_record_a_standard_one_hands_on_its_key(world):
	own = frappe.get_doc({"doctype": CHANNEL, NAME_FIELDS[CHANNEL]: f"Internet {world.tag}"}).insert()
	frappe.rename_doc(CHANNEL, standard_kinds.name_of(CHANNEL, "social"), own.name, merge=True)
	assert standard_kinds.name_of(CHANNEL, "social") == own.name
	with refused(match="standard records and can't be merged"):
		frappe.rename_doc(CHANNEL, standard_kinds.name_of(CHANNEL, "search"), own.name, merge=True)


def test_a_day_and_an_amount_come_back_for_a_deal_whose_columns_are_empty(sale):
	"""As a table has it that was restored from 0.3 after the upgrade."""
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	frappe.db.set_value(
		deal.doctype,
		deal.name,
		{
			**dict.fromkeys(FACTS[:3]),
			"won_amount": 0,
			"base_won_amount": 0,
			"won_by": contract.name,
			"won_by_type": contract.doctype,
		},
	)
	assert outcome.mend(Ref(deal.doctype, deal.name))
	assert frappe.db.get_value(deal.doctype, deal.name, ["outcome", "closed_on"]) == (
		"Won",
		getdate(contract.signed_on),
	)
