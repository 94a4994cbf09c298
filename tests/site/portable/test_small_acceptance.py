"""The steps of a hand-off, in their order: what is looked at, made, carried along and told when a request is accepted."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import link_kinds
from crm_pipeline.core.chain import Ref
from crm_pipeline.orders import acceptance, approvals, hand_off, native_order
from tests.site.portable.test_small_agreements import requested
from tests.site.world import refused

REQUEST, CONTRACT, DEAL = "Sales Order Request", "Sales Contract", "Sales Opportunity"


@pytest.fixture
def steps(monkeypatch):
	"""steps.watch(module, name, answer) writes down that a function was called, and what with."""
	did = SimpleNamespace(done=[])

	def watch(module, name, answer=None, note=lambda *about: ()):
		def step(*about, **how):
			did.done.append((name, *note(*about)))
			return answer(*about) if callable(answer) else answer

		monkeypatch.setattr(module, name, step)

	did.watch = watch
	did.names = lambda: [step[0] for step in did.done]
	return did


def unsaved(name: str, **lacking):
	"""A document that is not stored yet; `lacking` are mandatory fields, by name, with their labels."""
	fields = [frappe._dict(fieldname=field, label=label, reqd=1) for field, label in lacking.items()]
	doc = SimpleNamespace(name=name, doctype="Sales Order", flags=frappe._dict(), meta=SimpleNamespace(fields=fields))
	doc.get_all_children = lambda: []
	doc.get = lambda field: None
	return doc


@pytest.mark.parametrize(("submits", "lacking"), [(0, {}), (1, {}), (1, {"incoterm": "Incoterm"})])
def test_a_request_is_accepted_step_by_step(sale, steps, monkeypatch, submits, lacking):
	request = requested(sale, submit=True)
	order = unsaved("SO-1", **lacking)
	order.insert = lambda: steps.done.append(("insert",))
	order.submit = lambda: steps.done.append(("submit", order.flags.crm_request.name))
	steps.watch(acceptance, "require_order_desk")
	steps.watch(acceptance, "_locked_request", request)
	steps.watch(acceptance.agreement, "order_of")
	steps.watch(acceptance.hand_off, "check_remaining")
	steps.watch(acceptance, "_check_delivery_dates", note=lambda request, day: (day,))
	steps.watch(acceptance, "check_rows")
	steps.watch(native_order, "make", order)
	steps.watch(acceptance.carry, "carry_files", note=lambda source, target: (source.name, target.name))
	steps.watch(acceptance, "mark_accepted")
	steps.watch(acceptance.outcome, "sync_ancestors", note=lambda *about: about)
	steps.watch(acceptance.roll_up, "of_orders", note=lambda orders: orders)
	frappe.db.set_single_value("CRM Pipeline Settings", "submit_sales_order", submits)
	assert acceptance.accept(request.name, "2030-01-01") == "SO-1"
	assert ("still needs: Incoterm" in str(frappe.local.message_log)) is bool(lacking)
	last = (
		[("submit", request.name)]
		if submits and not lacking
		else [("mark_accepted",), ("sync_ancestors", REQUEST, request.name)]
	)
	assert steps.done == [
		("require_order_desk",), ("_locked_request",), ("order_of",), ("check_remaining",),
		("_check_delivery_dates", "2030-01-01"), ("check_rows",), ("make",), ("insert",),
		("carry_files", request.name, "SO-1"), *last, ("of_orders", "SO-1"),
	]  # fmt: skip
	assert request.flags.delivery_date == "2030-01-01"
	steps.watch(acceptance.agreement, "order_of", "SO-0")
	steps.done.clear()
	assert acceptance.accept(request.name) == "SO-0" and "make" not in steps.names()


def test_who_takes_in_no_requests_neither_accepts_nor_returns_nor_orders(site, as_user):
	as_user("rep")
	for refuse in (
		lambda: acceptance.accept("SOR-1"),
		lambda: acceptance.return_request("SOR-1", "Incomplete"),
		lambda: acceptance.order_now(DEAL, "OPP-1"),
	):
		with refused(frappe.PermissionError, match="Only users with the role .*Order Desk"):
			refuse()


@pytest.mark.parametrize("docstatus", [0, 2])
def test_what_is_not_waiting_is_not_accepted(sale, steps, docstatus):
	request = requested(sale)
	request.docstatus = docstatus
	steps.watch(acceptance, "require_order_desk")
	steps.watch(acceptance, "_locked_request", request)
	steps.watch(acceptance.agreement, "order_of")
	with refused(hand_off.HandOffError, match="can't be accepted"):
		acceptance.accept(request.name)


@pytest.mark.parametrize(("reason", "order", "words"), [("  ", None, "say why"), (None, None, "say why"), ("x", "SO-1", "has Sales Order")])  # fmt: skip
def test_a_request_is_returned_with_a_reason_and_without_an_order(sale, steps, reason, order, words):
	request = requested(sale, submit=True)
	steps.watch(acceptance, "require_order_desk")
	steps.watch(acceptance, "_locked_request", request)
	steps.watch(native_order, "live_order_of", order)
	with refused(match=words):
		acceptance.return_request(request.name, reason)
	assert request.docstatus == 1


def test_a_reason_is_kept_as_it_was_meant(sale, steps):
	request = requested(sale, submit=True)
	steps.watch(acceptance, "require_order_desk")
	steps.watch(acceptance, "_locked_request", request)
	steps.watch(native_order, "live_order_of")
	acceptance.return_request(request.name, "  Wrong pump \n")
	stored = frappe.db.get_value(REQUEST, request.name, ["status", "return_reason", "returned_by"])
	assert stored == ("Returned", "Wrong pump", "Administrator")


# ---- one click


@pytest.fixture
def one_click(sale, steps, monkeypatch):
	"""order_now() of a deal whose request is new, whose contract is `contract`, and of which something remains or not."""

	def prepare(pending=None, remains=True, contract=None, last=None):
		deal = sale.opportunity()
		request = requested(sale, deal)
		found = SimpleNamespace(deal=deal, request=request)
		new = SimpleNamespace(name="NEW", docstatus=0, is_new=lambda: True)
		new.insert = lambda: steps.done.append(("insert",))
		new.submit = lambda: steps.done.append(("submit",))
		steps.watch(acceptance, "require_order_desk")
		steps.watch(acceptance.hand_off, "signed_contract", contract)
		steps.watch(acceptance.hand_off, "locked_source", deal, note=lambda *about: about)
		steps.watch(acceptance.hand_off, "left_of", {"row": 1.0 if remains else 0.0})
		steps.watch(acceptance.hand_off, "build_request", new)
		steps.watch(acceptance.agreement, "refuse_other_offer")
		steps.watch(acceptance.carry, "carry_attachments", note=lambda source, target: (source.name, target.name))
		steps.watch(acceptance.native_order, "last_order_of", last)
		steps.watch(acceptance, "_locked_request", lambda name: new, note=lambda name: (name,))
		accepted = lambda name, day=None: steps.done.append(("accept", name)) or "SO-1"  # noqa: E731
		monkeypatch.setattr(acceptance, "accept", SimpleNamespace(__wrapped__=accepted))
		if pending is None:
			frappe.db.set_value(REQUEST, request.name, "status", "Returned")
		else:
			frappe.db.set_value(REQUEST, request.name, pending)
			new.is_new = lambda: False
		return found

	return prepare


def test_one_click_makes_submits_and_accepts_a_request(one_click, steps):
	about = one_click()
	assert acceptance.order_now(DEAL, about.deal.name) == "SO-1"
	assert steps.done[-5:] == [
		("build_request",), ("insert",), ("carry_attachments", about.deal.name, "NEW"), ("submit",), ("accept", "NEW"),
	]  # fmt: skip
	assert "refuse_other_offer" not in steps.names()


@pytest.mark.parametrize("status", ["Draft", "Requested"])
def test_one_click_takes_the_request_that_waits_if_it_asks_for_the_same(one_click, steps, status):
	about = one_click(pending={"status": status})
	acceptance.order_now(DEAL, about.deal.name)
	assert ("_locked_request", about.request.name) in steps.done and "refuse_other_offer" in steps.names()
	assert not {"build_request", "insert", "carry_attachments"} & set(steps.names())


def test_one_click_on_a_deal_that_was_ordered_answers_its_last_order_and_says_so(one_click, steps):
	about = one_click(remains=False, last="SO-9")
	assert acceptance.order_now(DEAL, about.deal.name) == "SO-9"
	assert "Nothing remains to be ordered" in str(frappe.local.message_log) and "accept" not in steps.names()
	frappe.clear_messages()
	steps.watch(acceptance.native_order, "last_order_of", None)
	assert acceptance.order_now(DEAL, about.deal.name) == "SO-1"


def test_one_click_goes_past_no_workflow_of_the_site(one_click, steps, monkeypatch):
	monkeypatch.setattr(approvals, "workflow_of", {REQUEST: "Four Eyes"}.get)
	about = one_click()
	with refused(hand_off.HandOffError, match="approved by workflow .*Four Eyes"):
		acceptance.order_now(DEAL, about.deal.name)
	assert not {"submit", "accept"} & set(steps.names())


@pytest.mark.parametrize(
	("wanted", "workflow", "submits"), [(1, None, True), (1, "Four Eyes", False), (0, None, False)]
)
def test_an_order_that_a_workflow_approves_stays_a_draft_and_says_so(sale, monkeypatch, wanted, workflow, submits):
	frappe.db.set_single_value("CRM Pipeline Settings", "submit_sales_order", wanted)
	monkeypatch.setattr(approvals, "workflow_of", {"Sales Order": workflow}.get)
	assert approvals.submits_orders() is submits
	approvals.notify_of_draft("SO-1")
	assert ("Four Eyes" in str(frappe.local.message_log)) is bool(workflow)


def test_one_click_orders_from_the_contract_that_is_signed(one_click, steps):
	about = one_click(contract="CON-1")
	acceptance.order_now(DEAL, about.deal.name)
	assert ("locked_source", CONTRACT, "CON-1") in steps.done


# ---- a request


def test_a_request_for_a_part_is_a_new_one_though_a_draft_for_all_is_there(sale, steps):
	deal = sale.opportunity()
	draft = requested(sale, deal)
	new = unsaved("NEW")
	new.insert = lambda: steps.done.append(("insert",))
	steps.watch(hand_off, "signed_contract")
	steps.watch(hand_off, "locked_source", deal)
	steps.watch(hand_off, "build_request", new, note=lambda source, quantities: (quantities,))
	steps.watch(hand_off.carry, "carry_attachments")
	assert hand_off.make_request(DEAL, deal.name) == Ref(REQUEST, draft.name)
	assert steps.names() == ["signed_contract", "locked_source"]
	assert hand_off.make_request(DEAL, deal.name, {"row": 1}) == Ref(REQUEST, "NEW")
	assert steps.done[2:] == [("signed_contract",), ("locked_source",), ("build_request", {"row": 1}), ("insert",), ("carry_attachments",)]  # fmt: skip
	steps.watch(hand_off, "signed_contract", "CON-1")
	with refused(hand_off.HandOffError, match="Please order from .*CON-1"):
		hand_off.make_request(DEAL, deal.name, {"row": 1})


@pytest.mark.parametrize(
	("given", "found"),
	[
		({"source_type": CONTRACT, "source_name": "CON-1"}, (CONTRACT, "CON-1", "CON-1")),
		({"contract": "CON-1"}, (CONTRACT, "CON-1", "CON-1")),
		({"source_type": CONTRACT, "source_name": "CON-1", "contract": "CON-2"}, (CONTRACT, "CON-1", "CON-1")),
		({"source_type": DEAL, "source_name": "OPP-1"}, (DEAL, "OPP-1", None)),
		({"source_type": DEAL, "source_name": "OPP-1", "contract": "CON-1"}, None),
		({}, (None, None, None)),
	],
)
def test_source_and_contract_of_a_request_are_one(site, steps, given, found):
	from crm_pipeline.crm_pipeline.doctype.sales_order_request import sales_order_request as controller

	request = frappe.new_doc(REQUEST)
	request.update(given)
	steps.watch(controller.request_rows, "follow_currency")
	if found is None:
		with refused(match="comes from that contract, not from Sales Opportunity OPP-1"):
			request.set_contract()
		return
	request.set_contract()
	assert (request.source_type, request.source_name, request.contract) == found
	assert steps.names() == (["follow_currency"] if found[2] else []), "its currency is the contract's"


@pytest.mark.parametrize(
	("row_day", "desk_day", "assumed"), [(None, None, True), (None, "2030-01-01", False), ("2030-01-02", None, False)]
)
def test_a_day_that_nobody_named_is_said_to_be_assumed(sale, steps, row_day, desk_day, assumed):
	request = requested(sale)
	for row in request.items:
		row.delivery_date = row_day
	request.flags.delivery_date = desk_day
	acceptance._check_delivery_dates(request, frappe.utils.getdate(desk_day) if desk_day else None)
	assert ("Nobody named a delivery date" in str(frappe.local.message_log)) is assumed
	with refused(hand_off.HandOffError, match="has passed. Choose a later date"):
		acceptance._check_delivery_dates(request, frappe.utils.getdate("2020-01-01"))


@pytest.mark.parametrize(
	("values", "told"),
	[
		({"won_by_type": CONTRACT}, [(DEAL, "won_by_type", CONTRACT)]),
		({"source_type": "Sales Lead", "title": "x"}, [(DEAL, "source_type", "Sales Lead")]),
		({"won_by_type": None}, []),
		({"title": "x"}, []),
	],
)
def test_a_rename_follows_links_that_are_written_past_a_save(monkeypatch, values, told):
	noted = []
	monkeypatch.setattr(link_kinds, "invalidate_distinct_link_doctypes", lambda *about: noted.append(about))
	link_kinds.note(DEAL, values)
	assert noted == told
