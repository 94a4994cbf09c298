"""Who is asked, told and locked, and what is taken in: small rules that only a site in use would show."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import funnel_cohort, snapshots
from crm_pipeline.api import door
from crm_pipeline.chain import contract_versions, locks, passages, row_changes
from crm_pipeline.coaching import help_requests, move_notices
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.matching import Identity, match
from crm_pipeline.deals import conversions
from crm_pipeline.erp import flow
from crm_pipeline.orders import hand_off
from crm_pipeline.parties import duplicates
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
OPPORTUNITY = "Sales Opportunity"


def test_the_manager_is_above_and_not_a_neighbour_to_the_left(world, sale):
	rows.sales_people(world, North=MANAGER, Rep=REP, South=None)
	left = {"sales_person_name": f"West {world.tag}", "lft": 9000, "rgt": 9000.5, "crm_user": OTHER, "enabled": 1}
	rows.row("Sales Person", name=f"West {world.tag}", docstatus=0, **left)
	deal = frappe._dict(sales_person=f"Rep {world.tag}", sales_owner=REP)
	assert help_requests.manager_of(deal, REP) == MANAGER
	top = frappe._dict(sales_person=f"North {world.tag}", sales_owner=MANAGER)
	assert help_requests.manager_of(top, MANAGER) is None, "who stands beside is above nobody"


@pytest.mark.parametrize(("one", "other"), [("DE1", ""), ("", "DE1"), ("", "")])
def test_a_tax_id_that_one_lacks_tells_nothing_apart(one, other):
	party, known = Identity(name="", label="Acme", tax_id=one), Identity(name="C-1", label="Acme", tax_id=other)
	assert match(party, [known]).names == ("C-1",)


def test_a_week_is_frozen_for_each_company(world):
	day = getdate(nowdate())
	rows.row(snapshots.SNAPSHOT, company="Another Company", week=snapshots.week_of(day), taken_on=day, docstatus=0)
	rows.bare_deal(world, "A", base_amount=50, expected_close=add_days(day, 9), opened_on=day)
	assert snapshots.take(world.company, day) > 0
	assert snapshots.take(world.company, day) == 0


def test_mended_deals_and_those_that_are_gone_are_counted_together(world, monkeypatch):
	monkeypatch.setattr(passages, "_names_after", lambda doctype, after: ["A", "B"])
	monkeypatch.setattr(passages, "_drifted", lambda doctype, names: ["A"])
	monkeypatch.setattr(passages, "_without_deal", lambda *about: ["gone", "gone too"])
	monkeypatch.setattr(passages, "write", lambda doctype, names: 1)
	monkeypatch.setattr(passages.locks, "lock", lambda *rows: None)
	assert passages.mend_chunk(OPPORTUNITY) == 3


@pytest.mark.parametrize("field", ["rate", "price_list_rate"])
def test_one_price_that_somebody_changed_is_enough_to_keep_the_row(sale, field):
	deal = sale.opportunity()
	before, row = frappe.get_doc(OPPORTUNITY, deal.name), deal.items[0]
	deal._doc_before_save = before
	row.set(field, (row.get(field) or 0) + 1)
	changed = row.get(field)
	deal.currency = "JPY"
	row_changes.follow_price(deal, row)
	assert row.get(field) == changed


def test_a_notice_goes_to_who_may_read_it(sale, as_user, monkeypatch):
	deal, asked = sale.opportunity(sales_owner=REP), []
	monkeypatch.setattr(move_notices, "wants", lambda user, kind: True)
	monkeypatch.setattr(frappe, "has_permission", lambda *about, **how: asked.append(how.get("user")) or False)
	notice = move_notices.Notice(move_notices.ASSIGNMENT, "given", (REP, MANAGER, None, OTHER))
	assert move_notices.recipients(notice, deal, OTHER) == []
	assert asked == sorted((REP, MANAGER))


def test_a_duplicate_is_told_to_managers_who_see_that_very_document(sale, monkeypatch):
	deal, asked = sale.opportunity(), []
	monkeypatch.setattr(duplicates, "managers", lambda: [MANAGER])
	answer = lambda doctype, right, doc=None, user=None: bool(asked.append((doctype, doc, user)))  # noqa: E731
	monkeypatch.setattr(frappe, "has_permission", answer)
	monkeypatch.setattr(frappe.db, "exists", lambda *about: True)
	duplicates.send(OPPORTUNITY, deal.name, [["Customer", "C-1"]], REP)
	assert asked == [("Customer", "C-1", MANAGER)]


def test_what_a_request_locks_is_its_contract_or_what_it_came_from():
	row, contract = frappe._dict(quotation="Q-1"), Ref("Sales Contract", "CON-1")
	made = SimpleNamespace(items=[row], contract="CON-1", source_type="Sales Contract", source_name="CON-1")
	assert hand_off._sources_of_request(made) == {contract}
	made.contract, made.source_type, made.source_name = None, OPPORTUNITY, "OPP-1"
	assert hand_off._sources_of_request(made) == {Ref("Quotation", "Q-1"), Ref(OPPORTUNITY, "OPP-1")}
	made.items, made.source_name = [frappe._dict()], None
	assert hand_off._sources_of_request(made) == set()


def test_a_shortage_names_the_row_that_it_is_about(sale):
	contract = sale.contract()
	with refused(match=f"Row 2: .*{contract.items[1].item_code}"):
		sale.request(contract, {contract.items[0].name: 1, contract.items[1].name: 9})


@pytest.mark.parametrize("function", ["get_board", "get_cards", "get_board_totals"])
def test_a_board_of_projects_asks_for_the_right_to_projects(site, monkeypatch, function):
	needed = []
	monkeypatch.setattr("crm_pipeline.chain.rights.need", lambda *about, **how: needed.append(about[0]))
	given = {
		"pipeline": "Standard Projects",
		**({"stage": "Standard Projects-planning"} if "cards" in function else {}),
	}
	getattr(api, function)(**given)
	assert "Sales Project" in needed


@pytest.mark.parametrize("function", ["get_funnel", "get_funnel_outline", "get_funnel_flow"])
def test_a_funnel_of_projects_asks_for_the_right_to_projects(site, monkeypatch, function):
	needed = []
	monkeypatch.setattr("crm_pipeline.chain.rights.need", lambda *about, **how: needed.append(about[0]))
	getattr(api, function)({"pipeline": "Standard Projects"})
	assert "Sales Project" in needed


def test_a_conversion_that_was_built_on_is_told_in_the_reader_s_language(sale, monkeypatch):
	from crm_pipeline.leads import qualification

	deal = sale.opportunity()
	monkeypatch.setattr(qualification.graph, "descendants", lambda *about: [Ref("Sales Contract", "CON-1")])
	monkeypatch.setattr(qualification, "_", lambda text, *_more, **_how: f"<{text}>")
	with refused(match="<Sales Contract> CON-1|&lt;Sales Contract&gt; CON-1"):
		qualification._refuse_if_built_on(deal)


def test_a_deal_is_not_looked_at_as_a_quotation(sale, monkeypatch):
	looked = []
	monkeypatch.setattr(conversions, "check_quotation", lambda doc: looked.append(doc.doctype))
	deal, rights = sale.opportunity(), []
	get_doc = frappe.get_doc

	def asked(*about, **how):
		doc = get_doc(*about, **how)
		doc.check_permission = rights.append
		return doc

	monkeypatch.setattr(frappe, "get_doc", asked)
	assert conversions.locked_deal(OPPORTUNITY, deal.name).name == deal.name and looked == []
	assert rights == ["write"], "reading a deal is not enough to convert it"


def test_payments_are_looked_for_by_invoices_and_orders_and_no_delivery(site, monkeypatch):
	found = {"Delivery Note": [{"doctype": "Delivery Note", "name": "DN-1"}], "Sales Invoice": [{"doctype": "Sales Invoice", "name": "SI-1"}]}  # fmt: skip
	asked = []
	monkeypatch.setattr(flow.frappe, "get_all", lambda *about, **how: [])
	monkeypatch.setattr(flow, "_visible", lambda doctype, parents, fields: found.get(doctype, []))
	monkeypatch.setattr(flow, "_payments", lambda orders, invoices: asked.append((orders, invoices)) or [])
	flow.documents_after(["SO-1"])
	assert asked == [(["SO-1"], ["SI-1"])]


def test_teams_come_in_the_order_of_the_tree(world):
	names = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	found = funnel_cohort._team_tree([names["Rep"], names["South"]])
	assert [name for name, _depth, _below in found if world.tag in name] == [
		names["North"],
		names["Rep"],
		names["South"],
	]


def test_a_memo_takes_in_no_script(sale, monkeypatch):
	taken = []
	monkeypatch.setattr("crm_pipeline.chain.incoming.take_in", lambda doc: taken.append(doc.doctype))
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	frappe.get_doc({"doctype": "Sales Memo", **about, "subject": "A note", "memo": "Text"}).insert()
	assert "Sales Memo" in taken


def test_counting_what_is_ordered_is_no_change_that_a_person_made(sale):

	contract = sale.contract()
	before = frappe.db.get_value(contract.doctype, contract.name, ["modified", "order_changes"])
	frappe.db.set_value(contract.doctype, contract.name, "modified", "2020-01-01 00:00:00", update_modified=False)
	contract_versions.count_up(contract.name)
	modified, changes = frappe.db.get_value(contract.doctype, contract.name, ["modified", "order_changes"])
	assert (str(modified)[:10], changes) == ("2020-01-01", (before[1] or 0) + 1)


# ---- locks, as the database has them


@pytest.fixture
def database(monkeypatch):
	"""What the database is asked and told; `answers` by the beginning of the question."""
	asked = SimpleNamespace(said=[], answers={})

	def sql(text, *_more):
		asked.said.append(text)
		return next((answer for start, answer in asked.answers.items() if text.startswith(start)), ())

	monkeypatch.setattr(frappe.db, "sql", sql)
	monkeypatch.setattr(frappe.local, "crm_pipeline_locks", locks._State(), raising=False)
	return asked


@pytest.mark.parametrize(
	("writes", "undone", "guest", "anew"),
	[(0, "0", False, True), (1, "0", False, False), (0, "2", False, False), (0, "0", True, False)],
)
def test_the_first_lock_begins_a_transaction_only_where_nothing_is_lost_by_it(
	database, monkeypatch, writes, undone, guest, anew
):
	begun = []
	monkeypatch.setattr(frappe.db, "begin", lambda: begun.append(1), raising=False)
	monkeypatch.setattr(frappe.db, "transaction_writes", writes, raising=False)
	monkeypatch.setattr(frappe.local.crm_pipeline_locks, "guest", guest)
	database.answers["SHOW SESSION STATUS"] = (("Handler_savepoint_rollback", undone),)
	assert (locks._begin_anew(), bool(begun)) == (anew, anew)


@pytest.mark.parametrize(
	("server", "switched"), [((("innodb_snapshot_isolation", "ON"),), True), ((("x", "OFF"),), False), ((), False)]
)
def test_a_guest_switches_snapshot_isolation_off_and_on_again_whatever_happens(database, server, switched):
	database.answers["SHOW SESSION VARIABLES"] = server
	with pytest.raises(ValueError), locks.as_guest(), locks.as_guest():
		assert locks.is_guest()
		raise ValueError
	assert not locks.is_guest()
	switches = [text for text in database.said if text.startswith("SET")]
	assert [text[-3:].strip() for text in switches] == (["OFF", "ON"] if switched else [])
	with locks.as_guest():
		pass
	assert len([text for text in database.said if text.startswith("SHOW")]) == 1, "asked once per connection"


@pytest.mark.parametrize(
	("failing", "code", "works"), [(0, 2003, True), (2, 2003, True), (99, 2003, False), (1, 1045, False)]
)
def test_a_server_that_is_restarted_is_waited_for_and_a_refusal_is_not(database, monkeypatch, failing, code, works):
	tries, now = [], [0.0]
	monkeypatch.setattr(locks.time, "monotonic", lambda: now[0])
	monkeypatch.setattr(locks.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

	def connect():
		tries.append(1)
		if len(tries) <= failing:
			raise Exception(code, "no server")

	for name, step in (("close", lambda: None), ("connect", connect), ("rollback", lambda **how: None)):
		monkeypatch.setattr(frappe.db, name, step, raising=False)
	frappe.local.crm_pipeline_locks.held = {("Sales Lead", "L-1")}
	frappe.local.crm_pipeline_locks.isolated = True
	if works:
		locks.reconnect(seconds=5.0)
		assert len(tries) == failing + 1
		assert (locks._state().held, locks._state().isolated) == (set(), None), "nothing is held on a new connection"
	else:
		with pytest.raises(Exception, match=str(code)):
			locks.reconnect(seconds=5.0)
		assert now[0] <= 5.5 and len(tries) == (1 if code == 1045 else len(tries))


@pytest.mark.parametrize("make", ["lead", "opportunity"])
def test_a_number_and_an_address_are_kept_as_they_can_be_used(sale, make):
	reach = {"phone": "\u202atel:030/1234567 ext. 12\u202c", "email_id": "Ines Marlow <ines@harbour.example>"}
	people = [{"contact_name": "Ines", **reach}]
	doc = sale.lead(**reach, contacts=people) if make == "lead" else sale.opportunity(contacts=people)
	for part in (doc, doc.contacts[0]) if make == "lead" else doc.contacts:
		assert (part.phone, part.email_id) == ("030 1234567#12", "ines@harbour.example")


def test_what_writes_is_one_transaction_and_takes_no_get(site, monkeypatch):
	seen, known = [], []
	monkeypatch.setattr(frappe, "whitelist", lambda methods=None: lambda work: known.append(methods) or work)

	def step(name: str) -> str:
		seen.append(locks.inside_entry_point())
		return name

	assert [door.writes()(step)(name="A"), door.reads()(step)("B")] == ["A", "B"]
	assert (seen, known) == ([True, False], [["POST"], None])


def test_a_step_within_a_step_is_not_tried_again_by_itself(site, monkeypatch):
	tries = {"outer": 0, "inner": 0}
	monkeypatch.setattr(locks, "undo", lambda lost=False: None)
	monkeypatch.setattr(locks.time, "sleep", lambda seconds: None)

	@locks.whole_transaction
	def inner():
		tries["inner"] += 1
		if tries["inner"] < 3:
			raise locks.OutdatedError

	@locks.whole_transaction
	def outer():
		tries["outer"] += 1
		inner()

	outer()
	assert tries == {"outer": 3, "inner": 3}, "all of it is repeated, or nothing"
