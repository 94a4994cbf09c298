"""How satisfied a customer is with what became of a case: asked by mail, answered by a link, once and without a login.

The link holds a key that is stored with the case until it is used, the day on which it ends, and a signature of both by
the site's secret. Forged, used, old or of a case that was opened again: the answer is the same, and names nothing.
"""

import hashlib
import hmac

import frappe
from frappe import _
from frappe.utils import add_days, cint, escape_html, getdate, now_datetime

from crm_pipeline.cases.customer_cases import CASE, SETTINGS, SOLVED
from crm_pipeline.chain import locks, system_fields
from crm_pipeline.wording import text_of

PAGE = "case-feedback"
DAYS, MOST_DAYS = 30, 365
STARS = 5
LONGEST = 2000
PURPOSE = "crm-case-satisfaction"


def ask(case) -> None:
	"""Mail the link of a solved case, in the words of the site's template or in ours."""
	if case.status != SOLVED or not case.satisfaction_key or not case.email_id:
		return
	subject, message = _words(case, link_of(case))
	try:
		frappe.sendmail(
			recipients=[case.email_id],
			subject=subject,
			message=message,
			reference_doctype=CASE,
			reference_name=case.name,
		)
	except Exception as error:
		if locks.is_lost_race(error):
			raise
		# Without an account that sends, say. The case is solved all the same, and its tasks end.
		frappe.log_error(title=_("{0}: the customer could not be asked").format(case.name))


def _words(case, link: str) -> tuple[str, str]:
	template = frappe.db.get_single_value(SETTINGS, "satisfaction_template")
	if template and frappe.db.exists("Email Template", template):
		words = frappe.get_doc("Email Template", template).get_formatted_email(
			{**case.as_dict(), "feedback_link": link}
		)
		return words["subject"], words["message"]
	language = frappe.db.get_value("Customer", case.customer, "language") if case.customer else None
	parts = [
		_("Your case {0} is solved.", language).format(f"{case.name}: {escape_html(case.subject)}"),
		escape_html(text_of(case.solution)).replace("\n", "<br>"),
		_("How satisfied are you with our solution?", language),
	]
	body = "".join(f"<p>{part}</p>" for part in parts if part)
	button = f'<p><a href="{escape_html(link)}">{_("Tell us", language)}</a></p>'
	return _("How satisfied are you? {0}", language).format(case.name), body + button


def link_of(case) -> str:
	days = min(cint(frappe.db.get_single_value(SETTINGS, "satisfaction_days")) or DAYS, MOST_DAYS)
	until = getdate(add_days(case.satisfaction_asked_on, days))
	return frappe.utils.get_url(f"/{PAGE}?token={token_of(case.satisfaction_key, until.isoformat())}")


def token_of(key: str, until: str) -> str:
	return f"{key}.{until.replace('-', '')}.{_signature(key, until.replace('-', ''))}"


def _signature(key: str, until: str) -> str:
	secret = frappe.get_attr("frappe.utils.verified_command.get_secret")()
	text = f"{PURPOSE}|{frappe.local.site}|{key}|{until}"
	return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def case_of(token: str | None) -> str | None:
	"""The case whose link this is; None for whatever is not a link of ours that may still be used."""
	parts = token.split(".") if isinstance(token, str) and len(token) <= 200 else []
	if len(parts) != 3 or not all(part.isascii() for part in parts):
		return None
	key, until, signature = parts
	if not hmac.compare_digest(signature, _signature(key, until)):
		return None
	if now_datetime().strftime("%Y%m%d") > until:
		return None
	return frappe.db.get_value(CASE, {"satisfaction_key": key, "status": SOLVED}, "name")


def store(token: str | None, stars, comment: str | None) -> bool:
	"""Keep an answer; whether the link was one that could be used. Raises ValidationError without 1 to 5 stars."""
	name = case_of(token)
	if not name:
		return False
	given = cint(stars) if str(stars or "").strip().isdigit() else 0
	if not 1 <= given <= STARS:
		frappe.throw(_("Please choose one to five stars"))
	case = locks.locked_doc(CASE, name)
	# Somebody with the same link was faster, or the case was opened again.
	if case.satisfaction_key != str(token).split(".")[0] or case.status != SOLVED:
		return False
	comment = (comment or "").strip()[:LONGEST] or None
	row = {"at": now_datetime(), "by": None, "kind": "Rated", "text": comment}
	case.append("log", row)
	system_fields.write(
		case,
		log=[*case.log],
		satisfaction=given / STARS,
		satisfaction_comment=comment,
		satisfaction_on=now_datetime(),
		satisfaction_key=None,
	)
	# Whoever has the link answers for the customer, and has no rights of their own.
	case.flags.ignore_permissions = True
	case.save()
	return True
