"""Parts of a deal and of the forms around it: what a move asks and takes, what a stage passes on, which party a document is about."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline.chain import pipelines
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.gates import Gate, Kind
from crm_pipeline.costs import cost_gate
from crm_pipeline.deals import conversions, move_rules, moving, stage_gates, stage_records
from crm_pipeline.documents import chain_document
from crm_pipeline.overrides import contact as on_contact
from crm_pipeline.overrides import dashboards, sales_order
from crm_pipeline.overrides import user as on_user
from crm_pipeline.parties import party
from tests.site import rows
from tests.site.portable.test_deal_rules import project
from tests.site.world import history, refused

DEAL, PROJECT, LEAD, STAGE = "Sales Opportunity", "Sales Project", "Sales Lead", "Pipeline Stage"


def open_stages(deal) -> list:
	return [stage for stage in pipelines.stages_of(deal.pipeline) if stage.type == "Open" and not stage.disabled]


# ---- moves


def test_who_may_only_read_a_deal_moves_wins_loses_and_plans_nothing(sale, as_user):
	deal = sale.opportunity()
	later = open_stages(deal)[1].name
	as_user("finance")
	assert frappe.has_permission(DEAL, "read", doc=deal.name)
	for step in (
		lambda: moving.move(DEAL, deal.name, later), lambda: moving.win(DEAL, deal.name), lambda: moving.reopen(DEAL, deal.name),
		lambda: moving.lose(DEAL, deal.name, "Price"), lambda: moving.plan(DEAL, deal.name, "Call", None),
	):  # fmt: skip
		with refused(frappe.PermissionError):
			step()


def test_who_moves_a_deal_sees_where_it_stands_now(sale):
	deal = sale.opportunity()
	first, second = open_stages(deal)[:2]
	moving.expect_stage(DEAL, deal.name, None)
	moving.expect_stage(DEAL, deal.name, first.name)
	label = frappe.db.get_value(STAGE, first.name, "label")
	with refused(move_rules.StageMoveError, match=f"moved this deal to .*{label}.* meanwhile"):
		moving.expect_stage(DEAL, deal.name, second.name)


@pytest.mark.parametrize("status", ["Lost", "Won", "Completed"])
def test_what_comes_next_is_planned_for_an_open_deal_alone(sale, status):
	deal = project(sale) if status == "Completed" else sale.opportunity()
	moving.plan(deal.doctype, deal.name, "Call", add_days(nowdate(), 3))
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Call"
	frappe.db.set_value(deal.doctype, deal.name, "status", status)
	with refused(move_rules.StageMoveError, match="is closed: reopen it first"):
		moving.plan(deal.doctype, deal.name, "Write", None)
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Call"


@pytest.mark.parametrize(("kind", "type_"), [("Won", "Won"), ("Lost", "Lost")])
def test_an_ending_is_the_stage_that_was_chosen_or_the_first_of_its_type(sale, kind, type_):
	deal = sale.opportunity()
	ending = pipelines.stage_of_type(deal.pipeline, kind).name
	assert moving._ending(deal, kind, None) == moving._ending(deal, kind, ending) == ending
	with refused(move_rules.StageMoveError, match=f"is not of type {type_}"):
		moving._ending(deal, kind, deal.stage)


@pytest.mark.parametrize(
	("kind", "status", "words"),
	[
		("Sales", "Open", "is completed after it is won"), ("Sales", "Lost", "is completed after it is won"),
		("Service", "Lost", "is lost. Reopen it first"), ("Sales", "Won", None), ("Service", "Open", None),
		("Service", "Completed", None),
	],
)  # fmt: skip
def test_a_project_is_completed_once_it_is_done(world, kind, status, words):
	series = frappe.get_meta(PROJECT).get_field("naming_series").options.split("\n")[0]
	values = {"project_type": kind, "status": status, "title": "Quay", "opened_on": "2026-01-01"}
	name = rows.bare_deal(world, "A", PROJECT, naming_series=series, **values)
	pipeline = pipelines.default_pipeline(PROJECT, world.company)
	first = next(stage.name for stage in pipelines.stages_of(pipeline) if stage.type == "Open")
	frappe.db.set_value(PROJECT, name, {"pipeline": pipeline, "stage": first})
	if words:
		with refused(match=words):
			moving.complete(name)
		return
	before = frappe.db.get_value(PROJECT, name, "end_date")
	doc = moving.complete(name)
	assert doc.status == "Completed"
	if status == "Completed":
		assert (doc.end_date, history(PROJECT, name)) == (before, [])
	else:
		assert doc.end_date and frappe.db.get_value(PROJECT, name, "closed_on")


# ---- gates


def gate(deal, key: str, kind: Kind, subject: str = "", **values) -> Gate:
	fixed = {"text": "", "days": 0, "submitted": False, "stage": open_stages(deal)[0].name}
	return Gate(**{**fixed, "key": key, "kind": kind, "subject": subject, **values})


@pytest.fixture
def gated(sale, monkeypatch):
	"""A deal, with gates on the way to its second and to its third stage."""
	deal = sale.opportunity()
	stages = open_stages(deal)
	gates = [
		gate(deal, "G1", Kind.FIELD, "description"), gate(deal, "G2", Kind.CHECK, text="Asked"),
		gate(deal, "G3", Kind.CHECK, text="Later", stage=stages[1].name), gate(deal, "G4", Kind.FIELD, "next_step"),
		gate(deal, "G5", Kind.ROLE, "Decision Maker"), gate(deal, "G6", Kind.FIELD, "items"),
		gate(deal, "G7", Kind.FIELD, "territory", stage=stages[1].name), gate(deal, "G8", Kind.DOCUMENT, "Sales Contract", submitted=True),
		gate(deal, "G9", Kind.FIELD, "description"), gate(deal, "G10", Kind.ACTIVITY, days=7),
	]  # fmt: skip
	monkeypatch.setattr(stage_gates, "gates_of", lambda pipeline: gates)
	return SimpleNamespace(deal=deal, gates=gates, second=stages[1], third=stages[2])


def test_a_move_asks_for_what_is_missing_up_to_its_stage(gated):
	asked = stage_gates.questions(gated.deal, stage_gates.missing_for(gated.deal, gated.deal.stage, gated.second))
	assert [field["fieldname"] for field in asked["fields"]] == ["description", "next_step"]
	assert {"fieldtype", "options", "label", "value"} <= asked["fields"][0].keys()
	assert asked["checks"] == [{"key": "G2", "text": "Asked"}]
	assert [(step["kind"], step.get("subject"), step.get("made")) for step in asked["others"]] == [
		("role", "Decision Maker", None), ("document", "Sales Contract", None), ("activity", None, None),
	]  # fmt: skip
	further = stage_gates.questions(gated.deal, stage_gates.missing_for(gated.deal, gated.deal.stage, gated.third))
	assert [check["key"] for check in further["checks"]] == ["G2", "G3"]
	assert stage_gates.missing_for(gated.deal, gated.second.name, gated.second) == []


def test_answers_are_taken_for_what_the_move_asks_and_for_nothing_else(gated):
	deal = gated.deal
	Answers = stage_gates.Answers
	for answers in (Answers({"title": "Mine"}), Answers({"territory": "North"}), Answers({"items": []}), Answers({}, ("G3",)), Answers({}, ("G1",))):  # fmt: skip
		with refused(match="does not ask for"):
			stage_gates.answer(deal, deal.stage, gated.second, answers)
	assert deal.title != "Mine"
	stage_gates.answer(deal, deal.stage, gated.second, Answers({"description": "Deep water"}))
	assert (deal.description, deal.checks) == ("Deep water", [])
	stage_gates.answer(deal, deal.stage, gated.second, Answers({"next_step": "Call"}, ("G2",)))
	assert (deal.next_step, deal.description) == ("Call", "Deep water")
	assert [(row.gate, bool(row.done)) for row in deal.checks] == [("G2", True), ("G3", False)]
	stage_gates.answer(deal, deal.stage, gated.third, Answers({}, ("G3",)))
	assert [row.done for row in deal.checks] == [1, 1], "what was ticked stays so"


def test_a_draft_of_a_document_that_is_to_be_submitted_is_named(gated, sale, as_user):
	deal = gated.deal
	drafts = lambda doctype="Sales Contract": stage_gates._drafts(deal, doctype)  # noqa: E731
	assert drafts() == [] == drafts("Sales Order")
	about = {"source_type": DEAL, "source_name": deal.name}
	first, second = (sale.contract(submit=False, **about).name for _each in range(2))
	frappe.db.set_value("Sales Contract", first, "creation", "2026-01-01 00:00:00")
	assert drafts() == [second]
	estimate = rows.row("Cost Estimate", reference_doctype=DEAL, reference_name=deal.name, docstatus=0)
	rows.row("Cost Estimate", reference_doctype=DEAL, reference_name="another", docstatus=0, creation="2031-01-01")
	as_user("Administrator")
	assert drafts("Cost Estimate") == [estimate]
	step = stage_gates._step(deal, gated.gates[7])
	assert step == {"kind": "document", "subject": "Sales Contract", "submitted": True, "made": second}
	made = stage_gates._step(deal, gate(deal, "G", Kind.DOCUMENT, "Sales Contract"))
	assert made["made"] is None, "there is one, and no more is asked"
	as_user("stranger")
	assert drafts() == []


def test_documents_of_a_deal_are_known_with_their_states(sale):
	deal = sale.opportunity()
	there = lambda: stage_gates._documents(deal)  # noqa: E731
	assert there() == (frozenset(), frozenset())
	contract = sale.contract(submit=False, source_type=DEAL, source_name=deal.name)
	assert there() == ({"Sales Contract"}, frozenset())
	for state, expected in ((1, ({"Sales Contract"}, {"Sales Contract"})), (2, (frozenset(), frozenset()))):
		frappe.db.set_value("Sales Contract", contract.name, "docstatus", state)
		assert there() == expected
	assert stage_gates._documents(frappe.new_doc(DEAL)) == (frozenset(), frozenset())
	assert stage_gates._states(deal, "Sales Order", []) == []


@pytest.mark.parametrize(
	("field", "value", "filled"),
	[
		("amount", 0, False), ("amount", 1, True), ("title", " ", False), ("title", "x", True), ("title", None, False),
		("description", "<p> </p>", False), ("description", "<p>x</p>", True), ("description", "<p><img src='x'></p>", True),
		("no_such_field", None, True), ("items", [], False),
	],
)  # fmt: skip
def test_a_field_is_filled_when_something_can_be_read_of_it(sale, field, value, filled):
	deal = sale.opportunity()
	if field != "no_such_field":
		deal.set(field, value)
	assert stage_gates.is_filled(deal, field) is filled


@pytest.mark.parametrize(
	("values", "words"),
	[
		({"kind": Kind.FIELD, "subject": "next_step"}, "Field Next Step filled in"), ({"kind": Kind.CHECK, "text": "Asked"}, "Asked"),
		({"kind": Kind.DOCUMENT, "subject": "Quotation"}, "Quotation made"), ({"kind": Kind.ROLE, "subject": "Buyer"}, "A contact with the role Buyer"),
		({"kind": Kind.DOCUMENT, "subject": "Quotation", "submitted": True}, "Quotation submitted"),
		({"kind": Kind.ACTIVITY, "days": 1}, "An activity done today or yesterday"),
		({"kind": Kind.ACTIVITY, "days": 5}, "An activity done in the last 5 days"),
		({"kind": Kind.FIELD, "subject": "next_step", "text": "Say what is next"}, "Say what is next"),
	],
)  # fmt: skip
def test_a_gate_says_in_words_what_it_asks(sale, values, words):
	assert stage_gates.words(gate(sale.opportunity(), "G", **values), DEAL) == words


# ---- what a stage passes on


@pytest.mark.parametrize(
	("before", "values", "follows"),
	[
		({}, {"probability": 35}, True), (None, {"probability": 35}, False), ({}, {"probability": 35, "stage_type": "Won"}, False),
		({}, {"probability": 35, stage_records.KEEP_DEALS: 1}, False), ({"probability": 35}, {"probability": 35}, False),
	],
)  # fmt: skip
def test_open_deals_follow_the_probability_of_their_stage_unless_they_have_their_own(sale, before, values, follows):
	deals = {key: sale.opportunity() for key in ("plain", "own", "closed", "elsewhere")}
	stage = frappe.get_doc(STAGE, deals["plain"].stage)
	old = deals["plain"].probability
	frappe.db.set_value(DEAL, deals["own"].name, "own_probability", 1)
	frappe.db.set_value(DEAL, deals["closed"].name, "status", "Lost")
	frappe.db.set_value(DEAL, deals["elsewhere"].name, "stage", open_stages(deals["own"])[1].name)
	stage._doc_before_save = None if before is None else frappe._dict(stage.as_dict(), **{"probability": old, **before})
	for field, value in values.items():
		stage.set(field, value)
	stage_records.pass_on_outlook(stage)
	found = {key: frappe.db.get_value(DEAL, deal.name, "probability") for key, deal in deals.items()}
	assert found == {**{key: deal.probability for key, deal in deals.items()}, "plain": 35 if follows else old}


def test_the_ledger_follows_the_new_name_of_a_stage(sale):
	deal = sale.opportunity()
	first, second = open_stages(deal)[:2]
	moving.move(DEAL, deal.name, second.name)
	fixed = {"reference_name": "X", "docstatus": 0, "from_value": first.name, "to_value": first.name}
	other_kind = rows.row("Pipeline Event", kind="State", reference_doctype=DEAL, **fixed)
	other_type = rows.row("Pipeline Event", kind="Stage", reference_doctype=LEAD, **fixed)
	stage_records.rename_in_ledger(first.name, "Renamed")
	values = lambda name: frappe.db.get_value("Pipeline Event", name, ["from_value", "to_value"])  # noqa: E731
	moved = frappe.db.get_value("Pipeline Event", {"reference_name": deal.name, "kind": "Stage"})
	assert values(moved) == ("Renamed", second.name)
	assert values(other_kind) == values(other_type) == (first.name, first.name)


def test_a_stage_with_deals_or_a_past_stays(sale):
	deal = sale.opportunity()
	stage, other = (frappe.get_doc(STAGE, one.name) for one in open_stages(deal)[:2])
	with refused(frappe.LinkExistsError, match="[0-9]+ Sales Opportunity .*"):
		stage_records.refuse_while_in_use(stage, "{0} {1} {2}")
	with refused(frappe.LinkExistsError, match="Disable it instead"):
		stage_records.refuse_with_history(stage)
	frappe.db.delete("Pipeline Event", {"to_value": ("in", (other.name, stage.name))})
	frappe.db.delete("Pipeline Event", {"from_value": ("in", (other.name, stage.name))})
	stage_records.refuse_with_history(stage)
	rows.row("Pipeline Event", kind="Stage", from_value=other.name, reference_doctype=DEAL, docstatus=0)
	with refused(frappe.LinkExistsError):
		stage_records.refuse_with_history(other)
	checks = [rows.row("Sales Deal Check", stage=stage.name, done=done, docstatus=0) for done in (0, 1)]
	stage_records.forget_open_checks(stage.name)
	assert [bool(frappe.db.exists("Sales Deal Check", name)) for name in checks] == [False, True]


# ---- conversions


@pytest.mark.parametrize(
	("values", "words"),
	[
		({}, None), ({"docstatus": 0}, "is not submitted"), ({"quotation_to": "Lead"}, "is not made to a Customer"),
		({"status": "Lost"}, "is Lost"), ({"status": "Expired"}, "was valid until"), ({"valid_till": -1}, "was valid until"),
		({"valid_till": 0}, None), ({"valid_till": -1, "allowed": 1}, None),
	],
)  # fmt: skip
def test_orders_and_contracts_come_from_a_quotation_that_is_in_force(site, values, words):
	allowed = values.pop("allowed", 0) if "allowed" in values else 0
	frappe.db.set_single_value("Selling Settings", "allow_sales_order_creation_for_expired_quotation", allowed)
	values = {key: add_days(nowdate(), value) if key == "valid_till" else value for key, value in values.items()}
	doc = frappe._dict({"name": "QTN-1", "docstatus": 1, "quotation_to": "Customer", "status": "Open", "valid_till": None, **values})  # fmt: skip
	if words:
		with refused(match=f"QTN-1.*{words}"):
			conversions.check_quotation(doc)
	else:
		conversions.check_quotation(doc)


def test_a_sale_s_rows_are_locked_with_the_deal_its_prospect_and_the_first_contract(sale):
	lead = sale.lead()
	deal = sale.opportunity(customer=None, prospect=lead.prospect)
	rows_of = lambda doctype, name: set(conversions.rows_of_sale(doctype, name))  # noqa: E731
	assert rows_of(DEAL, deal.name) == {("Sales Prospect", lead.prospect), (DEAL, deal.name)}
	contract = sale.contract(submit=False, source_type=DEAL, source_name=sale.opportunity().name)
	assert rows_of("Sales Contract", contract.name) == {(DEAL, contract.source_name), ("Sales Contract", contract.name)}
	assert rows_of("Quotation", "QTN-1") == {("Quotation", "QTN-1")}
	with refused(match="can't be converted like this"):
		conversions.locked_deal("Sales Lead", lead.name)
	frappe.db.set_value(DEAL, deal.name, "status", "Lost")
	with refused(match="is lost. Reopen it first"):
		conversions.locked_deal(DEAL, deal.name)


def test_what_becomes_a_native_document_needs_items_and_a_customer(sale, world, monkeypatch):
	deal = sale.opportunity()
	conversions.need_items(deal, "Quotation")
	with refused(frappe.MandatoryError, match="has no items. Add what is sold before making a Quotation"):
		conversions.need_items(frappe._dict(doctype=DEAL, name="X", items=[]), "Quotation")
	asked = []
	monkeypatch.setattr(conversions.customers, "check_usable", asked.append)
	conversions.need_customer(deal)
	assert asked == [world.customer]
	monkeypatch.setattr(conversions.verification, "verify", lambda prospect: f"Customer of {prospect}")
	deal.customer, deal.prospect = None, "PROS-1"
	conversions.need_customer(deal)
	assert (deal.customer, asked) == ("Customer of PROS-1", [world.customer])
	deal.customer = deal.prospect = None
	with refused(frappe.MandatoryError, match="has no Customer"):
		conversions.need_customer(deal)


# ---- which deals a quotation answers for


def test_the_estimate_that_counts_is_that_of_the_project_then_of_its_opportunity(sale, world):
	lead = sale.lead()
	first = sale.opportunity(source_type=LEAD, source_name=lead.name)
	project = rows.bare_deal(world, "P", PROJECT, source_type=DEAL, source_name=first.name)
	alone = rows.bare_deal(world, "Q", PROJECT, source_type="Sales Campaign", source_name="CAM-1")
	named = lambda doctype, name: cost_gate._named_deals(Ref(doctype, name))  # noqa: E731
	assert named(DEAL, first.name) == [Ref(DEAL, first.name)]
	assert named(PROJECT, project) == [Ref(PROJECT, project), Ref(DEAL, first.name)]
	assert named(PROJECT, alone) == [Ref(PROJECT, alone)] and named(PROJECT, "none") == [Ref(PROJECT, "none")]
	assert set(named(LEAD, lead.name)) == {Ref(DEAL, first.name), Ref(PROJECT, project)}
	assert cost_gate._named_deals(None) == named("Sales Campaign", "CAM-1") == []
	assert cost_gate._deals(Ref(PROJECT, "none")) == []


@pytest.mark.parametrize(
	("setting", "on", "floor"), [(None, False, None), ("Off", False, None), ("with floor", True, 12.5)]
)
def test_the_floor_is_looked_at_where_the_settings_say_so(site, setting, on, floor):
	kept = cost_gate.WITH_FLOOR if setting == "with floor" else setting
	frappe.db.set_single_value(cost_gate.SETTINGS, {"cost_gate": kept, "margin_floor": 12.5})
	assert (cost_gate.is_on(), cost_gate.margin_floor()) == (on, floor)


# ---- documents of the chain


def test_what_was_stored_is_loaded_with_the_lock_and_what_is_gone_not(sale):
	deal = sale.opportunity()
	deal.load_doc_before_save()
	assert deal.get_doc_before_save().name == deal.name
	stored = deal.flags.as_stored = frappe.get_doc(DEAL, deal.name)
	deal.load_doc_before_save()
	assert deal.get_doc_before_save() is stored and "as_stored" not in deal.flags
	frappe.db.delete(DEAL, {"name": deal.name})
	frappe.clear_document_cache(DEAL, deal.name)
	deal.load_doc_before_save()
	assert deal.get_doc_before_save() is None
	with refused(frappe.DoesNotExistError):
		deal.load_doc_before_save(raise_exception=True)


@pytest.mark.parametrize(
	("values", "expected"),
	[
		({"selling_price_list": "Site"}, "Theirs"), ({"selling_price_list": None}, "Theirs"), ({"selling_price_list": "Chosen"}, "Chosen"),
		({"selling_price_list": "Site", "customer": None}, "Site"), ({"selling_price_list": "Site", "amended_from": "X"}, "Site"),
		({"selling_price_list": "Site", "source_type": DEAL, "source_name": "OPP-1"}, "Site"),
		({"selling_price_list": "Site", "source_type": LEAD, "source_name": "LEAD-1"}, "Theirs"),
		({"selling_price_list": "Site", "source_type": "Sales Campaign", "source_name": "CAM-1"}, "Theirs"),
	],
)  # fmt: skip
def test_a_new_document_has_the_customer_s_price_list_where_nobody_chose_one(site, monkeypatch, values, expected):
	monkeypatch.setattr(chain_document.prices, "default_price_list", lambda customer: "Theirs" if customer else "Site")
	doc = frappe.new_doc("Sales Contract")
	doc.update({"customer": "Acme", **values})
	doc.set_price_list()
	assert doc.selling_price_list == expected
	stored = frappe.new_doc("Sales Contract")
	stored.update({"customer": "Acme", "selling_price_list": "Site"})
	monkeypatch.setattr(stored, "is_new", lambda: False, raising=False)
	stored.set_price_list()
	assert stored.selling_price_list == "Site"


def test_without_a_company_there_is_no_currency(site):
	doc = frappe.new_doc(DEAL)
	doc.update({"company": None, "currency": None, "conversion_rate": 7})
	doc.set_currency()
	assert (doc.currency, doc.conversion_rate) == (None, 7)


# ---- parties


def test_a_document_takes_the_customer_that_its_prospect_became(sale, world):
	lead = sale.lead()
	doc = frappe.new_doc(DEAL)
	doc.update({"prospect": lead.prospect})
	party.set_party(doc)
	prospect_name = frappe.db.get_value("Sales Prospect", lead.prospect, "prospect_name")
	assert (doc.customer, doc.party_name) == (None, prospect_name)
	frappe.db.set_value("Sales Prospect", lead.prospect, "customer", world.customer)
	party.set_party(doc)
	assert (doc.customer, doc.party_name) == (world.customer, frappe.db.get_value("Customer", world.customer, "customer_name"))  # fmt: skip
	party.validate_one_party(doc)
	doc.customer = "Another"
	with refused(match="is Customer .*, not Another"):
		party.validate_one_party(doc)
	doc.flags.history_import = True
	party.validate_one_party(doc)
	empty = frappe.new_doc(DEAL)
	with refused(frappe.MandatoryError, match="Choose a Customer or a Prospect for Sales Opportunity"):
		party.validate_party(empty)


@pytest.mark.parametrize(
	("one", "other", "same"),
	[
		({"customer": "A"}, {"customer": "A"}, True), ({"customer": "A"}, {"customer": "B", "prospect": "P"}, False),
		({"customer": "A", "prospect": "P"}, {"prospect": "P"}, True), ({"prospect": "P"}, {"prospect": "Q"}, False),
		({}, {}, False), ({"customer": "A"}, {}, False),
	],
)  # fmt: skip
def test_two_documents_are_about_the_same_party_or_not(one, other, same):
	assert party.is_same(frappe._dict(one), frappe._dict(other)) is same


# ---- ERPNext's forms and records


def test_forms_of_erpnext_lead_to_our_documents(site):
	made = dashboards.contact({})
	assert made["fieldname"] == "contact" and dashboards.contact({"fieldname": "own"})["fieldname"] == "own"
	(group,) = made["transactions"]
	assert {"Contact Position", "Contact Relation", "Customer Case", DEAL} <= set(group["items"])
	assert made["non_standard_fieldnames"] == dict.fromkeys(group["items"], "contact")
	note = dashboards.delivery_note({"transactions": [{"label": "Own", "items": ["X"]}]})
	assert note["dynamic_links"] == {"reference_name": ["Delivery Note", "reference_doctype"]}
	assert [group["items"] for group in note["transactions"]] == [["X"], ["Customer Case"]]
	assert note["non_standard_fieldnames"] == {"Customer Case": "reference_name"}
	order = dashboards.sales_order({})
	assert order["internal_links"] == {"Sales Order Request": "crm_request_key"}
	offer = dashboards.quotation({})
	assert offer["dynamic_links"] == {"source_name": ["Quotation", "source_type"]}
	assert set(offer["non_standard_fieldnames"]) == {"Sales Contract", "Sales Order Request"}
	of_customer = dashboards.customer({})
	assert {item for group in of_customer["transactions"] for item in group["items"]} == of_customer["non_standard_fieldnames"].keys()  # fmt: skip
	assert set(of_customer["non_standard_fieldnames"].values()) == {"customer"}


@pytest.mark.parametrize("merge", [True, False])
def test_a_merge_of_people_or_users_is_followed_and_a_new_name_alone_is_not(monkeypatch, merge):
	done = []
	monkeypatch.setattr(on_contact.posts, "after_merge", lambda *about: done.append(about))
	monkeypatch.setattr(on_contact.relation_record, "after_merge", lambda *about: done.append(about))
	monkeypatch.setattr(on_contact.pair_records, "after_merge", lambda *about: done.append(about))
	monkeypatch.setattr(on_contact.deal_people, "after_merge", lambda *about: done.append(about))
	monkeypatch.setattr(on_contact.posts, "follow_name", lambda *about: done.append(about))
	monkeypatch.setattr(on_contact.copied_names, "follow", lambda *about: done.append(about))
	monkeypatch.setattr(on_user.feed_tokens, "let_go_of", lambda *about: done.append(about))
	kept = SimpleNamespace(name="New", full_name="Ines")
	on_contact.follow(kept, "after_rename", "Old", "New", merge)
	on_user.before_rename(kept, "before_rename", "old@x", "new@x", merge)
	on_user.after_rename(kept, "after_rename", "old@x", "new@x", merge)
	expected = [("New",), ("Contact", "New"), ("Contact", "New"), ("New",), ("Contact", "New", "Ines"), ("New", "Ines")]
	expected += [("old@x", "new@x"), ("User", "new@x", "Ines")]
	assert done == (expected if merge else [])


@pytest.mark.parametrize(
	("qty", "factor", "before", "raised"),
	[(4, 1, (4, 1), False), (5, 1, (4, 1), True), (3, 1, (4, 1), False), (1, 10, (4, 1), True), (1, 0, None, True), (1, 0, (1, 0), False)],
)  # fmt: skip
def test_rows_that_ask_for_more_than_before_are_remembered(site, monkeypatch, qty, factor, before, raised):
	monkeypatch.delattr(frappe.local, "crm_pipeline_raised_rows", raising=False)
	stored = before and frappe._dict(qty=before[0], conversion_factor=before[1])
	row = SimpleNamespace(
		name="R1", parent="SO-1", qty=qty, conversion_factor=factor, get_doc_before_save=lambda: stored
	)
	sales_order.note_raised_row(row)
	assert sales_order._raised() == ({"SO-1": {"R1"}} if raised else {})
	frappe.local.crm_pipeline_raised_rows = {}


@pytest.mark.parametrize(
	("before", "now", "state", "reopened"),
	[("Closed", "To Bill", 1, True), ("Closed", "Closed", 1, False), ("To Bill", "Completed", 1, False), ("Closed", "Cancelled", 2, False), (None, "To Bill", 1, False)],
)  # fmt: skip
def test_an_order_is_reopened_when_it_was_closed_and_is_no_more(before, now, state, reopened):
	doc = SimpleNamespace(
		status=now, docstatus=state, get_doc_before_save=lambda: before and frappe._dict(status=before)
	)
	assert sales_order._is_reopened(doc) is reopened
