"""Discussions of staff. Answers are Frappe's own comments, with its mentions, its following and its bell.

How far a thread has got stands on the discussion, so that its list is the overview of a forum. The events of Comment keep
it (overrides/comment.py): the count by adding, so that two who answer at once are both counted.
"""

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce
from frappe.utils import cint, escape_html, now_datetime
from pypika import Case

from crm_pipeline.chain import clean_html, rights
from crm_pipeline.parties import party
from crm_pipeline.wording import bold, text_of

DISCUSSION = "Customer Discussion"
# Who keeps a discussion on top, and looks after those of others.
MANAGERS = frozenset(("Sales Manager", "Sales Master Manager", "System Manager"))
# What a search in the words of a thread reads of it.
MOST_ANSWERS, MOST_LETTERS = 500, 60_000


def follow(doc) -> None:
	"""Part of validate(): whom it is about, who may keep it on top, who may be mentioned; its place in the list."""
	party.set_party(doc)
	party.validate_one_party(doc)
	_need_text(doc)
	before = doc.get_doc_before_save()
	_check_pinned(doc, before)
	_check_mentioned(_mentioned(doc.text) - (_mentioned(before.text) if before else set()), doc)
	doc.list_order = f"{cint(doc.pinned)} {doc.last_answer_on or doc.creation or now_datetime()}"
	doc.words = words_of(doc)


def notify(doc) -> None:
	"""on_update(): who is newly mentioned in the text itself hears of it, as those who are in a comment. Those mentioned
	before have been told, and nobody has asked again whether they may read it."""
	before = doc.get_doc_before_save()
	added = _mentioned(doc.text) - (_mentioned(before.text) if before else set())
	_call_on(added, doc.text, doc.name)


def _call_on(users: set[str], html: str, name: str) -> None:
	"""These users, and nobody else of the text, hear of it by Frappe's bell and mail."""
	if users:
		text = "".join(f'<span class="mention" data-id="{escape_html(user)}"></span>' for user in sorted(users))
		text += _without_mentions(html)
		frappe.get_attr("frappe.desk.notifications.notify_mentions")(DISCUSSION, name, text)


def _without_mentions(html: str) -> str:
	"""The text with the names in it, that call nobody: the framework tells everybody of whom it finds a mention."""
	# Only where a discussion mentions somebody; the rules of a thread do without.
	from bs4 import BeautifulSoup

	page = BeautifulSoup(html, "html.parser")
	for name in page.find_all(class_="mention"):
		del name["class"]
	return str(page)


def _need_text(doc) -> None:
	if not text_of(doc.text) and "<img" not in (doc.text or ""):
		frappe.throw(
			_("{0} is empty. Say what it is about.").format(bold(_(doc.meta.get_label("text")))), frappe.MandatoryError
		)


def _check_pinned(doc, before) -> None:
	was = cint(before.pinned) if before else 0
	if cint(doc.pinned) != was and not MANAGERS & set(frappe.get_roles()):
		frappe.throw(
			_("{0} is chosen by a Sales Manager. Ask one to keep it on top.").format(
				bold(_(doc.meta.get_label("pinned")))
			),
			frappe.PermissionError,
		)


# ---- who is mentioned


def _mentioned(html: str | None) -> set[str]:
	if not html:
		return set()
	try:
		return set(frappe.get_attr("frappe.desk.notifications.extract_mentions")(html))
	except KeyError:
		# What is pasted may look like a mention and name nobody.
		frappe.throw(_("A mention in the text names nobody. Please type @ and choose the person."))


def _check_mentioned(users: set[str], doc) -> None:
	"""Whoever is mentioned gets the text by mail: nobody who may not read the discussion."""
	for user in sorted(users):
		if frappe.db.exists("User", user) and not _reads(user, doc):
			about = doc.customer or doc.prospect
			frappe.throw(
				_("{0} has no right to read discussions of {1}. Leave the name out, or share the discussion.").format(
					bold(frappe.utils.get_fullname(user)), bold(about or _(doc.doctype))
				),
				title=_("May Not Read It"),
			)


def _reads(user: str, doc) -> bool:
	return bool(frappe.has_permission(doc.doctype, "read", doc=doc if doc.is_new() else doc.name, user=user))


# ---- answers: events of Comment


def check_answer(comment) -> None:
	"""Before an answer is stored: its writer reads the discussion, that is not closed, and so do those it mentions."""
	rights.need(DISCUSSION, comment.reference_name)
	doc = frappe.get_doc(DISCUSSION, comment.reference_name)
	_need_open(doc)
	_check_mentioned(_mentioned(comment.content), doc)


def _need_open(doc) -> None:
	if doc.closed:
		frappe.throw(
			_("{0} is closed. Open it again, or start another discussion.").format(bold(doc.title)),
			title=_("Discussion Closed"),
		)


def follow_answer(comment) -> None:
	"""An answer is changed: what holds for a new one holds for it, who is called on for the first time hears of it, and one
	that was moved counts where it is now."""
	before = comment.get_doc_before_save()
	if before and _place_of(before) != _place_of(comment):
		if _is_answer(before):
			take_back(before)
		if _is_answer(comment):
			check_answer(comment)
			count_answer(comment)
	elif before and before.content != comment.content and _is_answer(comment):
		_need_open(frappe.get_doc(DISCUSSION, comment.reference_name))
		added = _mentioned(comment.content) - _mentioned(before.content)
		_check_mentioned(added, frappe.get_doc(DISCUSSION, comment.reference_name))
		_call_on(added, comment.content, comment.reference_name)
	if _is_answer(comment):
		keep_words(comment.reference_name)


def concerns(comment) -> bool:
	"""Whether a comment is an answer, or was one until now."""
	before = comment.get_doc_before_save()
	return _is_answer(comment) or bool(before and _is_answer(before))


def _is_answer(comment) -> bool:
	return comment.reference_doctype == DISCUSSION and comment.comment_type == "Comment"


def _place_of(comment) -> tuple:
	return comment.reference_doctype, comment.reference_name, comment.comment_type


def count_answer(comment) -> None:
	discussion = frappe.qb.DocType(DISCUSSION)
	_set(comment, Coalesce(discussion.answers, 0) + 1, comment.creation, comment.owner)


def take_back(comment) -> None:
	"""An answer is deleted: the one before it is the last."""
	discussion = frappe.qb.DocType(DISCUSSION)
	left = _answers(comment.reference_name, ["owner", "creation"], limit=1, leave_out=comment.name)
	last = left[0] if left else frappe._dict()
	started = frappe.db.get_value(DISCUSSION, comment.reference_name, "creation")
	less = Case().when(discussion.answers > 0, discussion.answers - 1).else_(0)
	_set(comment, less, last.creation, last.owner, place=last.creation or started)
	keep_words(comment.reference_name, leave_out=comment.name)


def _set(comment, answers, at, user: str | None, place=None) -> None:
	pinned, place = frappe.qb.DocType(DISCUSSION).pinned, place or at
	values = {
		"answers": answers,
		"last_answer_on": at,
		"last_answer_by": user,
		"list_order": Case().when(pinned == 1, f"1 {place}").else_(f"0 {place}"),
	}
	frappe.db.set_value(DISCUSSION, comment.reference_name, values, update_modified=False)


def _answers(name: str, fields: list[str], limit: int, leave_out: str | None = None) -> list[dict]:
	about = {"reference_doctype": DISCUSSION, "reference_name": name, "comment_type": "Comment"}
	return frappe.get_all(
		"Comment",
		filters={**about, "name": ("!=", leave_out or "")},
		fields=fields,
		order_by="creation desc, name desc",
		limit=limit,
	)


# ---- what is searched


def words_of(doc, leave_out: str | None = None) -> str:
	"""All that was said in a thread, as plain text: a list finds it by that, as far as its reader may see it."""
	said = [] if doc.is_new() else _answers(doc.name, ["content"], MOST_ANSWERS, leave_out)
	texts = (doc.title, doc.text, *(row.content for row in said))
	words = " ".join(" ".join(text_of(text).split()) for text in texts)
	# A report shows a stored text as HTML: what somebody typed as a tag is none there.
	return clean_html.TAG.sub(lambda begin: f" {begin[0][1:]}", words)[:MOST_LETTERS]


def keep_words(name: str, leave_out: str | None = None) -> None:
	if frappe.db.exists(DISCUSSION, name):
		doc = frappe.get_doc(DISCUSSION, name)
		frappe.db.set_value(DISCUSSION, name, "words", words_of(doc, leave_out), update_modified=False)
