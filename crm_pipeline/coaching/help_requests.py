"""Help wanted: a deal calls its manager, who answers on the deal.

Who is asked: the nearest person above the deal's Sales Person in the tree who is an enabled user; without
one, every Sales Manager who may read the deal. Who answers: whoever was asked, or any Sales Manager who may
read the deal, never the one who asks. Asking and answering are saves of a Sales Help Request, so that form,
API and bulk edit follow the same rules; both leave a row in the deal's ledger.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import incoming, ledger, locks, pending, rights, status, system_fields
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core import states
from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.parties import absences
from crm_pipeline.parties.managers import MANAGER_ROLE, manager_of, managers_for
from crm_pipeline.wording import bold

OPEN, ANSWERED, WITHDRAWN = "Open", "Answered", "Withdrawn"
REQUEST = "Sales Help Request"

QUESTION = ("question", "wanted")


# ---- who


def may_answer(request, user: str | None = None) -> bool:
	"""Whether a user may answer: not one's own question, and only on a deal that one may read."""
	user = user or frappe.session.user
	if user == request.asked_by:
		return False
	asked = request.manager and user in absences.with_deputies([request.manager])
	if not asked and MANAGER_ROLE not in frappe.get_roles(user):
		return False
	return bool(frappe.has_permission(request.reference_doctype, doc=request.reference_name, user=user))


# ---- what the document does on save


def follow(request) -> None:
	"""validate() of a request: who asks and who answers is what happens, not what was typed."""
	incoming.take_in(request)
	system_fields.restore(request)
	before = request.get_doc_before_save()
	if before is None:
		_ask(request)
		return
	if before.status != OPEN:
		_refuse_late_changes(request, before)
		return
	wanted, request.status = request.status, before.status
	if wanted == WITHDRAWN:
		if frappe.session.user != request.asked_by:
			frappe.throw(_("Only who asked may withdraw the question"), frappe.PermissionError)
		status.set_status(request, WITHDRAWN, {"answer": None, **_asked(before)})
	elif request.answer or wanted == ANSWERED:
		# Who answers does not say what was asked.
		request.update(_asked(before))
		_answer(request)
	elif _changed(request, before, *QUESTION) and frappe.session.user != request.asked_by:
		frappe.throw(_("Only who asked may change the question"), frappe.PermissionError)


def _ask(request) -> None:
	if request.reference_doctype not in DEALS:
		frappe.throw(_("Help is asked for on an opportunity or a sales project"))
	rights.need(request.reference_doctype, request.reference_name)
	deal = frappe.get_doc(request.reference_doctype, request.reference_name)
	asking = frappe.session.user
	if not managers_for(deal, asking):
		frappe.throw(
			_(
				"There is nobody to ask. Fill in the user of the Sales Person above this deal's, or give somebody the role {0}."
			).format(_(MANAGER_ROLE)),
			title=_("No Manager"),
		)
	request.status = None
	asked = {
		"asked_by": asking,
		"asked_on": now_datetime(),
		"manager": manager_of(deal, asking),
		"deal_title": deal.title,
		"stage": deal.stage,
		"answer": None,
		"answered_by": None,
		"answered_on": None,
		**ledger.scope_of(deal),
	}
	status.set_status(request, OPEN, asked)


def _answer(request) -> None:
	if not may_answer(request):
		frappe.throw(
			_("This question is answered by {0} or another Sales Manager who sees the deal").format(
				bold(frappe.utils.get_fullname(request.manager)) if request.manager else _(MANAGER_ROLE)
			),
			frappe.PermissionError,
		)
	if not (request.answer or "").strip():
		frappe.throw(_("Please write the answer"), frappe.MandatoryError, title=_("Answer Missing"))
	status.set_status(request, ANSWERED, {"answered_by": frappe.session.user, "answered_on": now_datetime()})


def _asked(before) -> dict:
	return {field: before.get(field) for field in QUESTION}


def _changed(request, before, *fields: str) -> bool:
	return any((request.get(field) or "") != (before.get(field) or "") for field in fields)


def _refuse_late_changes(request, before) -> None:
	if _changed(request, before, *QUESTION, "status", "answer"):
		frappe.throw(_("This question is {0} and can't be changed any more").format(_(before.status).lower()))


def notify(request) -> None:
	"""on_update() of a request: the ledger row, and the people who wait for it after the commit."""
	before = request.get_doc_before_save()
	if before and before.status == request.status:
		return
	deal = frappe.get_doc(request.reference_doctype, request.reference_name)
	if request.status == OPEN:
		ledger.record(deal, "Help", None, request.wanted, note=request.question)
	else:
		ledger.record(deal, "Help", request.wanted, request.status, note=request.answer)
	if not frappe.flags.in_import:
		# What is brought in, and the demo, is the past: nobody is asked for it now.
		pending.note(REQUEST, request.name, pending.HELP, request=request.name)


# ---- entry points


def ask(doctype: str, name: str, wanted: str, question: str, control_point: bool = False):
	"""A question about a deal to its manager. Who may read the deal may ask."""
	request = frappe.get_doc(
		{
			"doctype": REQUEST,
			"reference_doctype": doctype,
			"reference_name": name,
			"wanted": wanted,
			"question": question,
		}
	)
	system_fields.write(request, is_control_point=int(control_point))
	return request.insert()


def answer(name: str, text: str):
	request = locked_doc(REQUEST, name)
	request.answer = text
	request.status = ANSWERED
	request.save()
	return request


def withdraw(name: str):
	request = locked_doc(REQUEST, name)
	request.status = WITHDRAWN
	request.save()
	return request


def call_at_control_point(deal) -> None:
	"""on_update() of a deal: entering a key control point asks the manager, once as long as no answer came.

	Who has nobody above, such as the owner of a small shop, is not stopped; the manager who moves the deal
	there knows already.
	"""
	before = deal.get_doc_before_save()
	if (before and before.stage == deal.stage) or deal.flags.history_import or frappe.flags.in_import:
		return
	point = frappe.db.get_value(
		"Pipeline Stage", deal.stage, ["is_control_point", "control_question", "label", "stage_type"], as_dict=True
	)
	if not point.is_control_point or point.stage_type != "Open" or not _is_wanted(deal):
		return
	question = _(point.control_question) if point.control_question else ""
	ask(
		deal.doctype,
		deal.name,
		"Advice",
		question or _("The deal has reached {0}. What do you advise?").format(_(point.label)),
		control_point=True,
	)


def _is_wanted(deal) -> bool:
	user = frappe.session.user
	# Who gave the deal away in the same save sees it no more.
	if not frappe.has_permission(REQUEST, "create") or not deal.has_permission("read"):
		return False
	if user != deal.sales_owner and user in managers_for(deal, deal.sales_owner):
		return False
	waiting = {"reference_doctype": deal.doctype, "reference_name": deal.name, "stage": deal.stage, "status": OPEN}
	return bool(managers_for(deal, user)) and not frappe.db.exists(REQUEST, {**waiting, "is_control_point": 1})


def give_up(deal) -> None:
	"""on_update() of a deal: what is asked about one that is lost waits for no answer."""
	before = deal.get_doc_before_save()
	if not before or before.status == deal.status or deal.status not in STATES[deal.doctype].names(states.LOST):
		return
	asked = {"reference_doctype": deal.doctype, "reference_name": deal.name, "status": OPEN}
	for name in frappe.get_all(REQUEST, filters=asked, pluck="name", order_by="name asc", limit=0):
		# Who may lose a deal ends what others asked about it.
		status.set_status(locked_doc(REQUEST, name), WITHDRAWN, event=("State", OPEN, WITHDRAWN))


def forget(deal) -> None:
	"""on_trash() of a deal: its questions go with it, and the tasks that they made."""
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	names = frappe.get_all(REQUEST, filters=about, pluck="name", order_by="name asc")
	if names:
		locks.delete_rows("ToDo", {"reference_type": REQUEST, "reference_name": ("in", names)})
		locks.delete_rows(REQUEST, {"name": ("in", names)})


# ---- reading


def requests_of(doctype: str, name: str) -> list[dict]:
	"""The questions about a deal, open ones first, then the newest; `may_answer` and `may_withdraw` for this user.
	None for who has no right to read them."""
	if not frappe.has_permission(REQUEST, "read"):
		return []
	rows = frappe.get_all(
		REQUEST,
		filters={"reference_doctype": doctype, "reference_name": name, "status": ("!=", WITHDRAWN)},
		fields=[
			"name",
			"wanted",
			"question",
			"status",
			"asked_by",
			"asked_on",
			"manager",
			"answer",
			"answered_by",
			"answered_on",
			"is_control_point",
			"reference_doctype",
			"reference_name",
		],
		order_by="asked_on desc, name asc",
		limit=20,
	)
	for row in rows:
		row.may_answer = row.status == OPEN and may_answer(row)
		row.may_withdraw = row.status == OPEN and row.asked_by == frappe.session.user
	return sorted(rows, key=lambda row: row.status != OPEN)


def subject_of(request, language: str | None = None) -> str:
	"""One line about a request for a notification, as HTML, in the language of who reads it."""
	deal = request.deal_title or request.reference_name
	person = frappe.utils.get_fullname(request.answered_by or request.asked_by)
	if request.status == ANSWERED:
		return _("{0} answered your question about {1}", language).format(bold(person), bold(deal))
	said = _("{0} asks for help with {1}: {2}", language)
	return said.format(bold(person), bold(deal), _(request.wanted, language))
