"""Spam protection of web forms that make leads: a ticket that our server gave, a field that no person sees, a time that a
person needs, and consent. Frappe limits how often a form may be sent.

The form's script (form_script.js of this room) asks for a ticket when the page opens and sends it in `form_check` with
what stands in the hidden field. A ticket is the moment, a random word and a signature of both by the site's secret; it
is good once.
"""

import hashlib
import hmac
import json

import frappe
from frappe import _
from frappe.utils import cint, now_datetime

from crm_pipeline.capture import visitor_pages
from crm_pipeline.chain import standard_kinds, system_fields, typed_values
from crm_pipeline.core import capture as rules
from crm_pipeline.core.kinds import CHANNEL
from crm_pipeline.parties import people

PURPOSE = "crm-lead-form"
USED = "crm_lead_form_ticket"
LONGEST_CHECK = 500
# Characters of a Data field for which nothing is said.
LONGEST_DATA = 140


def ticket() -> str:
	"""One for a form that is opened now."""
	moment, word = str(_seconds()), frappe.generate_hash(length=16)
	return f"{moment}.{word}.{_signature(moment, word)}"


def _seconds() -> int:
	"""Of this moment, whatever the clocks of the site's zone do."""
	return int(frappe.get_attr("frappe.utils.get_datetime_in_timezone")("UTC").timestamp())


def _signature(moment: str, word: str) -> str:
	secret = frappe.get_attr("frappe.utils.verified_command.get_secret")()
	text = f"{PURPOSE}|{frappe.get_attr('frappe.local').site}|{moment}|{word}"
	return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def follow(lead) -> None:
	"""Part of before_insert(): what a guest sent is judged, and what only the judgement needs is not kept."""
	sent, lead.form_check = lead.form_check, None
	typed_values.take_checks(lead)
	if not lead.flags.history_import:
		visitor_pages.fill_origin(lead)
	cut_origin(lead)
	if not frappe.flags.in_web_form or people.is_colleague(frappe.session.user):
		return
	# Who is logged in is a person.
	if frappe.session.user == "Guest":
		if _is_on("web_form_protection"):
			_judge(sent)
		if _is_on("web_form_consent") and not lead.consent:
			frappe.throw(_("Please agree that we may contact you."), title=_("Consent Missing"))
	lead.channel = lead.channel or standard_kinds.name_of(CHANNEL, "web_form")


# What the address of a page and its links say; nobody typed it, so nobody could shorten it.
ORIGIN = (
	"landing_page",
	"referrer",
	"visitor_id",
	"utm_source",
	"utm_medium",
	"utm_campaign",
	"utm_term",
	"utm_content",
)


def cut_origin(lead) -> None:
	"""An enquiry is not lost for a long address."""
	for name in ORIGIN:
		value = lead.get(name)
		if isinstance(value, str):
			lead.set(name, value[: cint(lead.meta.get_field(name).length) or LONGEST_DATA])


def _is_on(setting: str) -> bool:
	return bool(cint(frappe.db.get_single_value("CRM Pipeline Settings", setting)))


def _judge(sent: str | None) -> None:
	trap, opened_at, word = _read(sent)
	if rules.verdict(trap, opened_at, _seconds(), bool(word) and not _claim(word)) == rules.HUMAN:
		return
	# A program learns nothing from the answer; a person can do something about it.
	frappe.throw(
		_("The form could not be sent. Please reload the page, wait a moment and try again."), title=_("Not Sent")
	)


def _claim(word: str) -> bool:
	"""Whether a ticket was not used before. Where saving the lead fails after this, it may be sent again."""
	cache = frappe.get_attr("frappe.cache")
	key = cache.make_key(f"{USED}:{word}")
	if not cache.set(key, 1, nx=True, ex=rules.LONGEST):
		return False
	frappe.get_attr("frappe.db").after_rollback.add(lambda: cache.delete(key))
	return True


def _read(sent: str | None) -> tuple[str, int | None, str]:
	"""(what stands in the hidden field, moment of the ticket or None, its word)."""
	try:
		found = json.loads(sent) if sent and len(sent) <= LONGEST_CHECK else {}
	except ValueError:
		found = {}
	if not isinstance(found, dict):
		found = {}
	parts = str(found.get("ticket") or "").split(".")
	trap = str(found.get("trap") or "")
	if len(parts) != 3 or not parts[0].isdecimal() or not all(part.isascii() for part in parts):
		return trap, None, ""
	moment, word, signature = parts
	if not hmac.compare_digest(signature, _signature(moment, word)):
		return trap, None, ""
	return trap, int(moment), word


def stamp_consent(lead) -> None:
	"""Part of validate(): when somebody agreed to be contacted."""
	if not lead.consent:
		lead.consent_on = None
	elif not lead.consent_on:
		system_fields.write(lead, consent_on=now_datetime())
