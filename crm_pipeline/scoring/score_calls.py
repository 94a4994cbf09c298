"""Calls somebody when a lead comes to the threshold: once per crossing, with the bell, after the commit."""

from collections.abc import Sequence

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.chain import pending
from crm_pipeline.core import scoring
from crm_pipeline.core.registry import STATES
from crm_pipeline.leads import lead_bells
from crm_pipeline.scoring.score_rules import LEAD
from crm_pipeline.wording import bold

# Of one owner at once: more of them are one bell.
EACH = 3


def threshold() -> int:
	"""The score from which a lead calls somebody; 0 for none. Desk's start asks for it, before an update has made the field."""
	return cint(frappe.db.get_singles_dict("CRM Pipeline Settings").get("lead_score_threshold"))


def note_crossing(lead: str, owner: str | None, before: int | None, after: int) -> None:
	"""Note that a lead was saved with this score; `before` is None for one that had none."""
	note_crossings([(lead, owner, before, after)])


def note_crossings(found: Sequence[tuple[str, str | None, int | None, int]]) -> None:
	"""[(lead, owner, score before, score now)]: note whom to call, in this transaction."""
	limit = threshold()
	mine: dict[str, list[str]] = {}
	for lead, owner, before, after in found:
		if scoring.crossed(before, after, limit):
			mine.setdefault(owner or "", []).append(lead)
	for leads in mine.values():
		parts = [leads] if len(leads) > EACH else [[lead] for lead in leads]
		for part in parts:
			pending.note(LEAD, part[0], pending.SCORE_CALL, leads=part)


def send(leads: list[str]) -> None:
	"""Call the people of these leads, which have one owner, to the first of them; nobody where it is closed meanwhile."""
	there = [lead for lead in leads if frappe.db.exists(LEAD, lead)]
	doc = frappe.get_doc(LEAD, there[0]) if there else None
	if doc and doc.status not in STATES[LEAD].closed:
		lead_bells.ring(lead_bells.people_of(doc), doc, lambda language: _sentence(doc, len(there), language))


def _sentence(doc, count: int, language: str | None) -> str:
	title = bold(doc.title or doc.name)
	if count == 1:
		return _("{0} has a score of {1}", language).format(title, cint(doc.score))
	return _("{0} has a score of {1}, and {2} more of your leads came to the threshold", language).format(
		title, cint(doc.score), count - 1
	)
