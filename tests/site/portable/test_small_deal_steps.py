"""Small rules of a deal's steps: what a move asks for, what a stage is called, its last order, what an order would take."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.chain import automation, estimates, passages, pipelines
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import move_rules, outcome, stage_gates, won_amounts
from crm_pipeline.orders import acceptance_preview, hand_off, native_order, new_contract
from crm_pipeline.overrides import sales_order as on_order
from tests.site import rows
from tests.site.world import history, refused

DEAL, PROJECT = "Sales Opportunity", "Sales Project"


# ---- what a move asks for


@pytest.mark.parametrize(
	("values", "asked"),
	[
		({}, True),
		({"fieldtype": "Check"}, True),
		({"fieldtype": "Table"}, False),
		({"fieldtype": "Attach"}, False),
		({"hidden": 1}, False),
		({"read_only": 1}, False),
		({"permlevel": 7}, False),
	],
)
def test_a_move_asks_for_fields_that_the_form_lets_one_fill_in(sale, as_user, values, asked):
	as_user("rep")
	deal = sale.opportunity()
	field = frappe._dict({"fieldtype": "Data", "fieldname": "x", "hidden": 0, "read_only": 0, "permlevel": 0, **values})
	assert bool(stage_gates._may_ask(deal, field)) is asked


def test_a_stage_is_called_by_its_label_and_by_its_name_once_it_is_gone(world):
	name = rows.row("Pipeline Stage", name=f"S {world.tag}", docstatus=0, label="Short List", pipeline="P")
	assert move_rules.label_of(name) == "Short List"
	frappe.db.set_value("Pipeline Stage", name, "label", "", update_modified=False)
	assert move_rules.label_of(name) == name
	assert move_rules.label_of(f"Gone {world.tag}") == f"Gone {world.tag}"


def test_a_pipeline_s_form_has_its_stages_in_order_with_what_they_are_drawn_with(world):
	name = f"Own {world.tag}"
	rows.row("Sales Pipeline", name=name, pipeline_name=name, docstatus=0, applies_to=DEAL)
	for key, position, kind, probability, disabled, color in (
		("B", 20, "Won", 100, 0, "green"), ("A", 10, "Open", 35, 1, "blue"), ("C", 30, "Lost", 0, 0, "red"),
	):  # fmt: skip
		rows.row("Pipeline Stage", name=f"{key} {world.tag}", label=f"{key}!", pipeline=name, position=position, docstatus=0,
			stage_type=kind, probability=probability, disabled=disabled, color=color)  # fmt: skip
	rows.row("Pipeline Stage", name=f"D {world.tag}", label="D!", pipeline="Another", position=1, docstatus=0)
	doc = frappe.get_doc("Sales Pipeline", name)
	doc.run_method("onload")
	found = [
		(
			row["name"],
			row["label"],
			row["position"],
			row["stage_type"],
			row["probability"],
			row["disabled"],
			row["color"],
		)
		for row in doc.get_onload("stages")
	]
	assert found == [
		(f"A {world.tag}", "A!", 10, "Open", 35, 1, "blue"),
		(f"B {world.tag}", "B!", 20, "Won", 100, 0, "green"),
		(f"C {world.tag}", "C!", 30, "Lost", 0, 0, "red"),
	]


# ---- orders


def test_the_last_order_of_a_deal_is_the_latest_live_one_that_came_from_it(sale, world):
	deal, other = sale.opportunity(), sale.opportunity(title="Other")
	assert native_order.last_order_of(DEAL, deal.name) is None
	rows.order(world, 10, creation="2026-01-09 00:00:00", crm_source_type=DEAL, crm_source_name=other.name)
	assert native_order.last_order_of(DEAL, deal.name) is None
	contract = sale.contract(submit=False, source_type=DEAL, source_name=deal.name)
	by_contract = {"crm_source_type": "Sales Contract", "crm_source_name": contract.name}
	first = rows.order(world, 10, creation="2026-01-02 00:00:00", crm_source_type=DEAL, crm_source_name=deal.name)
	assert native_order.last_order_of(DEAL, deal.name) == first
	second = rows.order(world, 10, docstatus=0, creation="2026-01-03 00:00:00", **by_contract)
	rows.order(world, 10, docstatus=2, creation="2026-01-05 00:00:00", **by_contract)
	assert native_order.last_order_of(DEAL, deal.name) == second
	assert native_order.last_order_of("Sales Contract", contract.name) == second
	rows.order(world, 10, creation="2026-01-01 00:00:00", crm_source_type=DEAL, crm_source_name=deal.name)
	assert native_order.last_order_of(DEAL, deal.name) == second


def test_before_accepting_each_row_shows_what_is_free_in_its_own_warehouse(world):
	near, far = (f"{key} {world.tag}" for key in ("Near", "Far"))
	for place in (near, far):
		rows.row("Warehouse", docstatus=0, name=place, warehouse_name=place, company=world.company, lft=0, rgt=0)
	for item, place, actual, reserved in (
		(world.pump, near, 10, 4),
		(world.pump, far, 90, 0),
		(world.filter, far, 5, 0),
	):
		rows.row("Bin", docstatus=0, item_code=item, warehouse=place, actual_qty=actual, reserved_qty=reserved)

	def line(idx, item, qty, warehouse, **values):
		fixed = {"item_name": item, "uom": "Nos", "stock_uom": "Nos", "stock_qty": qty, "delivery_date": "2026-05-01"}
		return frappe._dict({**fixed, "idx": idx, "item_code": item, "qty": qty, "warehouse": warehouse, **values})

	items = [
		line(1, world.pump, 4, near, crm_request_item="R1"),
		line(2, world.pump, 5, near, crm_request_item="R2", item_name="", stock_uom=""),
		line(3, world.pump, 5, far, crm_request_item="R3"),
		line(4, world.filter, 1, far, uom="Box", stock_qty=10),
		line(5, world.filter, 1, near),
		line(6, world.filter, 6, None, stock_qty=0),
		line(7, world.service, 1, near),
	]
	order = SimpleNamespace(items=items, company=world.company)
	shown = acceptance_preview._rows(SimpleNamespace(), order, {"R2"})
	assert [(row["free"], row["short"]) for row in shown] == [
		(6, 0), (6, 3), (90, 0), (5, 5), (0, 1), (5, 1), (None, None),
	]  # fmt: skip
	assert [row["warehouse"] for row in shown] == [near, near, far, far, near, None, near]
	assert [row["assumed"] for row in shown] == [False, True, False, False, False, False, False]
	assert [(row["idx"], row["item"], row["qty"], row["uom"], row["stock_uom"], row["delivery_date"]) for row in shown[1:4:2]] == [
		(2, world.pump, 5, "Nos", "Nos", "2026-05-01"), (4, world.filter, 1, "Box", "Nos", "2026-05-01"),
	]  # fmt: skip


def test_nothing_is_ordered_beside_a_contract_that_waits_to_be_signed(sale):
	deal, other = sale.opportunity(), sale.opportunity(title="Other")
	of = {"source_type": DEAL, "source_name": deal.name}
	sale.contract(submit=False, source_type=DEAL, source_name=other.name)
	signed, cancelled = sale.contract(submit=False, **of), sale.contract(submit=False, **of)
	for contract, state in ((signed, 1), (cancelled, 2)):
		frappe.db.set_value(contract.doctype, contract.name, "docstatus", state)
	hand_off.refuse_beside_draft(DEAL, deal.name)
	assert hand_off.signed_contract(DEAL, deal.name) == signed.name
	draft = sale.contract(submit=False, **of)
	with refused(hand_off.HandOffError, match=f"{draft.name}.* of Sales Opportunity .*{deal.name}.* is a draft"):
		hand_off.refuse_beside_draft(DEAL, deal.name)
	hand_off.refuse_beside_draft("Sales Contract", draft.name)
	frappe.db.set_value(draft.doctype, draft.name, "docstatus", 1)
	with refused(hand_off.HandOffError, match="has a contract. Please order from"):
		hand_off.signed_contract(DEAL, deal.name)
	assert hand_off.signed_contract("Sales Contract", draft.name) is None
	assert hand_off.signed_contract(DEAL, sale.opportunity(title="None").name) is None


def test_a_state_that_a_document_decides_holds_whatever_the_site_s_automation_breaks(sale, monkeypatch):
	deal = sale.opportunity()
	db_set = type(deal).db_set

	def breaks(self, values, *args, **how):
		db_set(self, values, *args, **how)
		self.status = "Lost"
		raise KeyError("automation")

	monkeypatch.setattr(type(deal), "db_set", breaks)
	doc = frappe.get_doc(DEAL, deal.name)
	values = {"status": "Won", "next_step": "Deliver"}
	automation.set_state(
		doc, values, ("State", "Open", "Won"), note="By contract", related=Ref("Sales Contract", "C-1")
	)
	assert (doc.status, doc.next_step) == ("Won", "Deliver")
	assert frappe.db.get_value(DEAL, deal.name, ["status", "next_step"]) == ("Won", "Deliver")
	assert ("State", "Open", "Won") in history(DEAL, deal.name)
	assert frappe.db.exists("Error Log", {"method": ("like", f"%automation of %{deal.name} failed%")})
	assert not doc.flags.state_written


@pytest.mark.parametrize(
	("beside", "shared"),
	[
		({}, True), ({"status": "Completed", "outcome": "Won"}, True), ({"status": "Lost"}, False),
		({"project_type": "Internal"}, False), ({"source_type": "Sales Campaign"}, False), ({"source_name": "Another"}, False),
		({"doctype": DEAL}, False),
	],
)  # fmt: skip
def test_a_project_was_sold_for_its_opportunity_s_quotation_unless_another_one_came_of_that(world, beside, shared):
	of = {"source_type": DEAL, "source_name": f"O {world.tag}"}
	own = rows.bare_deal(world, "P", PROJECT, project_type="Sales", **of)
	values = {"doctype": PROJECT, "project_type": "Sales", **of, **beside}
	if values["doctype"] == DEAL:
		values.pop("project_type")
	rows.bare_deal(world, "Q", **values)
	found = list(won_amounts._quoted_by(PROJECT, own, of))
	assert found == [(PROJECT, own), *([] if shared else [(DEAL, f"O {world.tag}")])]
	assert list(won_amounts._quoted_by(PROJECT, None, of)) == [], "a new one is another one"
	assert list(won_amounts._quoted_by(DEAL, own, of)) == [(DEAL, own)]
	for none in ({**of, "source_type": "Sales Campaign"}, {**of, "source_name": None}):
		assert list(won_amounts._quoted_by(PROJECT, own, none)) == [(PROJECT, own)]


# ---- what goes with a deal, and what a contract leaves to it


def test_drafts_and_cancelled_estimates_go_with_their_deal_and_no_others(sale, world):
	deal, other = sale.opportunity(), sale.opportunity(title="Other")
	made = {}
	for key, doctype, name, state in (
		("draft", DEAL, deal.name, 0), ("cancelled", DEAL, deal.name, 2), ("other", DEAL, other.name, 0),
		("project", PROJECT, deal.name, 0),
	):  # fmt: skip
		made[key] = rows.row("Cost Estimate", docstatus=state, reference_doctype=doctype, reference_name=name)
		for table in ("Cost Estimate Item", "Cost Estimate Charge"):
			for kind in ("Cost Estimate", "Else"):
				rows.row(
					table,
					name=f"{key} {kind} {table[-4:]} {world.tag}",
					parent=made[key],
					parenttype=kind,
					docstatus=state,
				)
	estimates.delete_with(frappe._dict(doctype=DEAL, name=deal.name))
	assert [key for key, name in made.items() if frappe.db.exists("Cost Estimate", name)] == ["other", "project"]
	for table in ("Cost Estimate Item", "Cost Estimate Charge"):
		left = [
			(key, kind)
			for key in made
			for kind in ("Cost Estimate", "Else")
			if frappe.db.exists(table, f"{key} {kind} {table[-4:]} {world.tag}")
		]
		assert left == [
			("draft", "Else"), ("cancelled", "Else"), ("other", "Cost Estimate"), ("other", "Else"), ("project", "Cost Estimate"),
			("project", "Else"),
		]  # fmt: skip
	rows.row("Cost Estimate", docstatus=1, reference_doctype=DEAL, reference_name=other.name, name=f"E {world.tag}")
	with refused(frappe.LinkExistsError, match=f"can't be deleted: Cost Estimate .*E {world.tag}"):
		estimates.delete_with(frappe._dict(doctype=DEAL, name=other.name))
	assert frappe.db.exists("Cost Estimate", made["other"])


@pytest.mark.parametrize(
	("left", "quantities", "said"),
	[
		((4, 30, 1), [("pump", 4, 1), ("filter", 3, 2), ("service", 1, 3)], []),
		((3, 30, 1), [("pump", 3, 1), ("filter", 3, 2), ("service", 1, 3)], ["Row 1: 1 "]),
		((0, 10, 1), [("filter", 1, 1), ("service", 1, 2)], ["Row 1: 4 ", "Row 2: 2 "]),
		((0, 0, 0), None, ["All of Sales Opportunity"]),
	],
)
def test_a_contract_has_the_rest_of_a_deal_in_its_own_units(sale, world, monkeypatch, left, quantities, said):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100), (world.filter, 3, 125), (world.service, 1, 80)))
	deal.items[1].conversion_factor = 10
	contract = frappe.new_doc("Sales Contract")
	for row in deal.items:
		contract.append("items", {"item_code": row.item_code, "qty": row.qty, "uom": row.uom})
	known = dict(zip((row.name for row in deal.items), left, strict=True))
	monkeypatch.setattr(new_contract.open_quantities, "of_deal", lambda asked: known)
	frappe.clear_messages()
	if quantities is None:
		with refused(match="is requested or ordered already. Add what is still to be agreed"):
			new_contract._leave_out_ordered(deal, contract)
		return
	new_contract._leave_out_ordered(deal, contract)
	names = {"pump": world.pump, "filter": world.filter, "service": world.service}
	found = [(row.item_code, row.qty, row.idx) for row in contract.items]
	assert found == [(names[key], qty, idx) for key, qty, idx in quantities]
	told = str(frappe.local.message_log)
	assert all(words in told for words in said) and told.count("left out") == len(said)


def test_a_new_default_pipeline_takes_over_from_the_one_of_its_kind_and_company_alone(world, as_user):
	kinds = {
		"A": (DEAL, world.company, 1), "B": (DEAL, world.company, 1), "C": (DEAL, "Another", 1), "D": (PROJECT, world.company, 1),
		"E": (DEAL, None, 1),
	}  # fmt: skip
	for key, (kind, company, default) in kinds.items():
		name = f"{key} {world.tag}"
		rows.row(
			"Sales Pipeline",
			name=name,
			pipeline_name=name,
			docstatus=0,
			applies_to=kind,
			company=company,
			is_default=default,
		)
	defaults = lambda: "".join(  # noqa: E731
		key for key in kinds if frappe.db.get_value("Sales Pipeline", f"{key} {world.tag}", "is_default")
	)
	doc = frappe.get_doc("Sales Pipeline", f"A {world.tag}")
	doc.is_default = 0
	doc.take_over_default()
	assert defaults() == "ABCDE"
	doc.is_default = 1
	as_user("rep")
	with refused(frappe.PermissionError, match="Another pipeline is the default"):
		doc.take_over_default()
	assert defaults() == "ABCDE"
	as_user("Administrator")
	doc.take_over_default()
	assert defaults() == "ACDE"


def test_a_win_that_is_dated_ahead_is_of_the_day_on_which_this_document_was_entered(sale):
	ahead, today = add_days(nowdate(), 9), getdate()
	contract = sale.contract(submit=False, contract_date=nowdate())
	frappe.db.set_value("Sales Contract", contract.name, {"signed_on": ahead, "contract_date": ahead})
	winner = Ref("Sales Contract", contract.name)
	known = {"opened_on": add_days(nowdate(), -30), "closed_on": add_days(nowdate(), -5)}
	told = lambda **values: outcome.won_on(frappe._dict(known, **values), winner)  # noqa: E731
	assert told(won_by_type="Sales Contract", won_by=contract.name) == getdate(known["closed_on"])
	assert told(won_by_type="Sales Contract", won_by="Another") == today, "that day is another document's"
	assert told(won_by_type="Sales Order Request", won_by=contract.name) == today
	assert told() == today == told(won_by_type="Sales Contract", won_by=contract.name, closed_on=None)


def test_an_order_that_said_something_else_before_is_of_a_request_by_its_acceptance_alone(world):
	about = {"crm_source_type": "Sales Order Request", "crm_source_name": f"R {world.tag}"}
	order = frappe.get_doc("Sales Order", rows.order(world, 10, docstatus=0, **about))
	for before, may in (
		(about, True), ({**about, "crm_source_name": "Another"}, False), (dict.fromkeys(about), False),
		({"crm_source_type": DEAL, "crm_source_name": f"R {world.tag}"}, False), (None, False),
	):  # fmt: skip
		order._doc_before_save = before and frappe._dict(before, doctype="Sales Order")
		if may:
			on_order._refuse_past_acceptance(order, f"R {world.tag}")
			continue
		with refused(hand_off.HandOffError, match="is made by accepting the request"):
			on_order._refuse_past_acceptance(order, f"R {world.tag}")
	order.flags.crm_request = "it is being accepted"
	on_order._refuse_past_acceptance(order, f"R {world.tag}")


# ---- passages are mended


def test_a_deal_whose_key_of_left_stages_is_wrong_is_mended_with_its_passages_untouched(sale):
	deal, other = sale.opportunity(), sale.opportunity(title="Other")
	second = [stage for stage in pipelines.stages_of(deal.pipeline) if stage.type == "Open"][1]
	for doc in (deal, other):
		doc.stage = second.name
		doc.save()
	names = sorted((deal.name, other.name))
	right = frappe.db.get_value(DEAL, deal.name, "passed_stages")
	before = frappe.get_all(
		"Stage Passage",
		filters={"reference_name": ("in", names)},
		fields=["name", "stage", "seconds"],
		order_by="name asc",
	)
	assert right and before and passages._drifted(DEAL, names) == []
	frappe.db.set_value(DEAL, deal.name, "passed_stages", right + 64, update_modified=False)
	assert passages._drifted(DEAL, names) == [deal.name] and passages._drifted(DEAL, []) == []
	assert passages.mend_chunk(DEAL, names[0][:-1]) == 1
	assert frappe.db.get_value(DEAL, deal.name, "passed_stages") == right
	assert passages._drifted(DEAL, names) == []
	after = frappe.get_all(
		"Stage Passage",
		filters={"reference_name": ("in", names)},
		fields=["name", "stage", "seconds"],
		order_by="name asc",
	)
	assert after == before


def test_passages_of_deals_that_are_gone_are_found_between_two_names(world):
	names = {key: f"{key} {world.tag}" for key in "ABCD"}
	rows.bare_deal(world, "B")
	for key, doctype in (("A", DEAL), ("B", DEAL), ("C", DEAL), ("D", DEAL), ("C", DEAL), ("C", PROJECT)):
		rows.row("Stage Passage", docstatus=0, reference_doctype=doctype, reference_name=names[key], stage=f"S {key}")
	found = lambda after, last: [name for name in passages._without_deal(DEAL, after, last) if world.tag in name]  # noqa: E731
	assert found("", None) == [names["A"], names["C"], names["D"]]
	assert found(names["A"], None) == [names["C"], names["D"]]
	assert found("", names["C"]) == [names["A"], names["C"]], "the last name is within"
	assert found(names["A"], names["B"]) == []
