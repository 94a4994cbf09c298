"""Discussions of staff: who reads them, how the list shows how far a thread has got, who hears of it, what is found."""

import importlib
import re

import frappe
import pytest
from frappe.utils import get_datetime

from crm_pipeline.discussions import threads
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.rows import row
from tests.site.world import customer, refused, without_right

DOCTYPE = threads.DISCUSSION
REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))


def start(title="How they pay", **values):
	return frappe.get_doc(
		{"doctype": DOCTYPE, "title": title, "text": "<p>Late, and in <b>full</b>.</p>", **values}
	).insert()


def test_what_was_sent_for_a_count_is_not_believed(sale):
	doc = start(answers=9, last_answer_by=MANAGER)
	doc.reload()
	assert (doc.answers, doc.last_answer_by) == (0, None)


def test_a_user_without_a_role_of_the_app_reads_none(sale, as_user):
	doc = start()
	for who in ("stranger", "store"):
		as_user(who)
		assert not frappe.has_permission(DOCTYPE, doc=doc.name)
	for who in ("rep", "manager", "desk", "finance"):
		as_user(who)
		assert frappe.has_permission(DOCTYPE, doc=doc.name) and frappe.has_permission(DOCTYPE, "create")


def test_a_manager_says_what_stays_on_top(sale, as_user):
	as_user("rep")
	doc = start()
	doc.title = "How they really pay"
	doc.save()
	with refused(frappe.PermissionError, match="Sales Manager"):
		start(pinned=1)
	doc.pinned = 1
	with refused(frappe.PermissionError, match="Sales Manager"):
		doc.save()
	as_user("manager")
	doc.reload()
	doc.pinned = 1
	doc.save()
	as_user("rep")
	doc.reload()
	doc.title = "Paid in the end"
	doc.save()
	assert (doc.pinned, doc.title) == (1, "Paid in the end")


# ---- about whom


def test_a_discussion_of_a_prospect_is_the_customer_s_once_it_is_one(sale, world):
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": f"P {world.tag}", "company": world.company}).insert()  # fmt: skip
	before = start(prospect=prospect.name)
	prospect.db_set({"customer": world.customer, "status": "Verified"})
	assert start(prospect=prospect.name).customer == world.customer
	from crm_pipeline.parties import verification

	verification.point_followers(prospect.name, world.customer)
	assert frappe.db.get_value(DOCTYPE, before.name, "customer") == world.customer
	with refused(match="not"):
		start(prospect=prospect.name, customer=customer(f"Quay {world.tag}"))


@pytest.mark.parametrize("text", ["", "<p><br></p>", "  "])
def test_a_discussion_says_something(sale, text):
	with refused(frappe.MandatoryError):
		start(text=text)


def answer(doc, text="<p>I know.</p>"):
	"""As Desk stores a comment."""
	about = {"reference_doctype": DOCTYPE, "reference_name": doc.name}
	return frappe.get_doc({"doctype": "Comment", "comment_type": "Comment", "content": text, **about}).insert(
		ignore_permissions=True
	)


def mention(user: str) -> str:
	return f'<p>Ask <span class="mention" data-id="{user}" data-value="x">@x</span></p>'


def test_what_is_kept_from_a_user_is_not_seen_by_saying_that_it_is_about_somebody_else(sale, as_user):
	seen, name = sale.world.customer, f"Kept {sale.world.tag}"
	kept = row("Customer", name=name, customer_name=name, docstatus=0)
	as_user("rep")
	doc, own = start(customer=kept), start(customer=seen)
	as_user("Administrator")
	only_customer(REP, seen)
	as_user("rep")
	doc.customer = seen
	assert not frappe.has_permission(DOCTYPE, doc=doc)
	with refused(frappe.PermissionError):
		doc.save()
	own.customer = kept
	with refused(frappe.PermissionError):
		own.save()


def test_whether_somebody_else_may_read_one_goes_by_what_they_may_see(sale, as_user):
	seen, name = sale.world.customer, f"Kept {sale.world.tag}"
	kept = row("Customer", name=name, customer_name=name, docstatus=0)
	as_user("other_rep")
	doc, own = start(customer=kept), start(customer=seen)
	as_user("Administrator")
	only_customer(REP, seen)
	may = lambda one, right, user: bool(frappe.has_permission(DOCTYPE, right, doc=one, user=user))  # noqa: E731
	assert [may(doc, "read", user) for user in (REP, OTHER)] == [False, True]
	assert [may(own, "read", user) for user in (REP, OTHER)] == [True, True]
	assert [may(own, "write", user) for user in (REP, OTHER, MANAGER)] == [False, True, True]
	as_user("rep")
	assert may(doc, "read", OTHER) and may(own, "write", OTHER) and not may(own, "write", DESK)


def listed(**filters) -> list[str]:
	meta = frappe.get_meta(DOCTYPE)
	order = f"{meta.sort_field} {meta.sort_order}"
	return frappe.get_list(DOCTYPE, filters=filters, pluck="title", order_by=order, limit=0)


def only_customer(user: str, name: str):
	frappe.get_doc({"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": name}).insert()
	frappe.clear_cache(user=user)


# ---- how far a thread has got


def test_the_list_says_how_many_answered_and_who_last(sale, as_user):
	as_user("rep")
	doc = start()
	before = doc.modified
	as_user("other_rep")
	first = answer(doc)
	as_user("manager")
	second = answer(doc)
	doc.reload()
	assert (doc.answers, doc.last_answer_by) == (2, MANAGER)
	assert get_datetime(doc.last_answer_on) == get_datetime(second.creation) and doc.modified == get_datetime(before)
	frappe.set_user("Administrator")
	frappe.delete_doc("Comment", second.name)
	doc.reload()
	assert (doc.answers, doc.last_answer_by) == (1, OTHER)
	assert get_datetime(doc.last_answer_on) == get_datetime(first.creation)
	frappe.delete_doc("Comment", first.name)
	doc.reload()
	assert (doc.answers, doc.last_answer_on, doc.last_answer_by) == (0, None, None)


def test_the_latest_stands_first_and_what_is_kept_on_top_before_it(sale, as_user):
	titles = [f"{name} {sale.world.tag}" for name in ("A", "B", "C")]
	docs = [start(title) for title in titles]
	for n, doc in enumerate(docs):
		doc.db_set({"creation": f"2026-01-0{n + 1} 10:00:00", "list_order": f"0 2026-01-0{n + 1} 10:00:00"})
	own = lambda: [title[0] for title in listed(title=("in", titles))]  # noqa: E731
	assert own() == ["C", "B", "A"]
	answer(docs[0])
	assert own() == ["A", "C", "B"]
	as_user("manager")
	docs[1].reload()
	docs[1].pinned = 1
	docs[1].save()
	assert own() == ["B", "A", "C"]
	answer(docs[2])
	assert own() == ["B", "C", "A"]
	answer(docs[1])
	assert own() == ["B", "C", "A"]
	answer(docs[0])
	assert own() == ["B", "A", "C"], "what is kept on top stays there whoever is answered"


def test_others_than_its_author_and_the_managers_answer_and_change_nothing(sale, as_user):
	as_user("rep")
	doc = start()
	as_user("other_rep")
	answer(doc)
	doc.reload()
	doc.title = "Mine now"
	with refused(frappe.PermissionError):
		doc.save()
	with refused(frappe.PermissionError):
		frappe.delete_doc(DOCTYPE, doc.name)
	as_user("rep")
	doc.reload()
	doc.pinned = 1
	with refused(frappe.PermissionError, match="by a Sales Manager"):
		doc.save()
	doc.reload()
	doc.closed = 1
	doc.save()
	with refused(match="is closed"):
		answer(doc)
	as_user("manager")
	doc.reload()
	doc.update({"closed": 0, "pinned": 1}).save()
	answer(doc)


def test_a_word_of_an_answer_finds_the_thread_for_who_may_see_it(sale, world, as_user):
	doc = start(title=f"Pumps {world.tag}", customer=world.customer)
	comment = answer(doc, f"<p>They want <b>stainless{world.tag}</b> ones</p>")
	find = lambda word: listed(words=("like", f"%{word}%"))  # noqa: E731
	assert find(f"stainless{world.tag}") == [doc.title] and find("Late, and in full. They want") == [doc.title]
	comment.content = f"<p>brass{world.tag}</p>"
	comment.save()
	assert find(f"stainless{world.tag}") == [] and find(f"brass{world.tag}") == [doc.title]
	only_customer(REP, customer(f"Quay {world.tag}"))
	as_user("rep")
	assert find(f"brass{world.tag}") == []
	frappe.set_user("Administrator")
	frappe.delete_doc("Comment", comment.name)
	assert find(f"brass{world.tag}") == []


def test_an_answer_that_is_moved_counts_where_it_is(sale, as_user):
	as_user("Administrator")
	first, second = start(), start(title="Another")
	said = frappe.get_doc("Comment", answer(first).name)
	said.reference_name = second.name
	said.save()
	assert [frappe.db.get_value(DOCTYPE, one.name, "answers") for one in (first, second)] == [0, 1]
	said.comment_type = "Info"
	said.save()
	second.reload()
	assert (second.answers, second.last_answer_by) == (0, None)


# ---- who is called on


@pytest.fixture
def called(monkeypatch):
	"""Whom the framework is told to ring, one list for each text; it rings nobody."""
	notifications = importlib.import_module("frappe.desk.notifications")

	HOST.without_mail(monkeypatch)
	told = []

	def ring(doctype, name, text):
		told.append(re.findall('class="mention" data-id="([^"]+)"', text))

	monkeypatch.setitem(vars(notifications), "notify_mentions", ring)
	return told


def test_a_discussion_is_changed_though_somebody_whom_it_names_reads_none_any_more(sale, as_user, called, monkeypatch):
	as_user("rep")
	doc = start(text=mention(OTHER))
	without_right(monkeypatch, DOCTYPE, "read")
	doc.text += "<p>They pay late.</p>"
	doc.save()
	doc.text += mention(MANAGER)
	with refused(match="has no right to read discussions"):
		doc.save()


def test_who_is_mentioned_anew_in_a_text_is_called_on_and_nobody_else(sale, as_user, called):
	as_user("rep")
	doc = start(text=mention(OTHER))
	assert called == [[OTHER]]
	doc.title = "How they pay now"
	doc.save()
	assert called == [[OTHER]]
	doc.text = mention(OTHER) + mention(MANAGER)
	doc.save()
	assert called == [[OTHER], [MANAGER]]
	start()
	assert len(called) == 2


def test_of_a_changed_answer_those_are_called_on_whom_it_names_now(sale, as_user, called):
	as_user("rep")
	doc = start()
	said = answer(doc, mention(OTHER))
	assert called == []
	said.reload()
	said.content = mention(OTHER) + mention(MANAGER)
	said.save(ignore_permissions=True)
	assert called == [[MANAGER]]
	said.reload()
	said.save(ignore_permissions=True)
	assert called == [[MANAGER]]
	doc.reload()
	doc.closed = 1
	doc.save()
	said.reload()
	said.content = "<p>Something else</p>"
	with refused(match="is closed"):
		said.save(ignore_permissions=True)


def test_nobody_is_called_on_who_may_not_read_it(sale, world, as_user, called):
	frappe.get_doc({"doctype": "User Permission", "user": OTHER, "allow": "Customer", "for_value": customer(f"Quay {world.tag}")}).insert()  # fmt: skip
	frappe.clear_cache(user=OTHER)
	as_user("rep")
	for who in (OTHER, USERS["stranger"][0]):
		with refused(match="has no right to read"):
			start(text=mention(who), customer=world.customer)
	doc = start(customer=world.customer, text=mention(MANAGER))
	with refused(match="has no right to read"):
		answer(doc, mention(OTHER))
	said = answer(doc)
	said.reload()
	said.content = mention(OTHER)
	with refused(match="has no right to read"):
		said.save(ignore_permissions=True)
	doc.reload()
	doc.text = mention(MANAGER) + mention("nobody@crm-test.example")
	doc.save()
	assert [MANAGER] in called and [OTHER] not in called


def test_what_is_kept_to_be_searched_holds_no_tag_that_somebody_typed(site):
	doc = frappe.new_doc(DOCTYPE)
	doc.update({"title": "5 < 6", "text": "<p>Say &lt;img src=x onerror=alert(1)&gt;</p><p>Smith &amp; Sons</p>"})
	assert threads.words_of(doc) == "5 < 6 Say  img src=x onerror=alert(1)> Smith & Sons"


def test_an_answer_is_not_moved_where_its_writer_could_not_answer(sale, as_user, called):
	as_user("Administrator")
	first, closed = start(), start(title="Closed")
	said = answer(first)
	closed.reload()
	closed.closed = 1
	closed.save()
	said = frappe.get_doc("Comment", said.name)
	said.reference_name = closed.name
	with refused(match="is closed"):
		said.save(ignore_permissions=True)
	assert [frappe.db.get_value(DOCTYPE, one.name, "answers") for one in (first, closed)] == [1, 0]
	about = frappe.get_doc("Comment", said.name)
	about.comment_type = "Info"
	about.save(ignore_permissions=True)
	first.reload()
	first.closed = 1
	first.save()
	about.reload()
	about.content = mention(OTHER)
	about.save(ignore_permissions=True)
	assert called == [], "what is no answer calls on nobody"
