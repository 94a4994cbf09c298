"""The page that a satisfaction link opens, for whoever has the link. Reading it changes nothing; sending it stores."""

import frappe
from frappe import _
from frappe.rate_limiter import rate_limit

from crm_pipeline.cases import satisfaction

no_cache = 1
TRIES, SECONDS = 30, 3600


def get_context(context):
	context.no_cache = 1
	context.no_breadcrumbs = 1
	context.show_sidebar = 0
	context.title = _("How satisfied are you?")
	context.state, context.problem = "invalid", None
	context.stars = range(1, satisfaction.STARS + 1)
	try:
		context.update(answer())
	except frappe.RateLimitExceededError:
		frappe.clear_messages()
		context.state = "busy"


@rate_limit(limit=TRIES, seconds=SECONDS)
def answer() -> dict:
	"""What the page shows: {"state": "ask", "thanks" or "invalid", ...}. Whatever is wrong with a link, it says no more."""
	form = frappe.form_dict
	token = form.get("token")
	problem = None
	if frappe.request and frappe.request.method == "POST":
		try:
			if satisfaction.store(token, form.get("stars"), form.get("comment")):
				return {"state": "thanks"}
		except frappe.ValidationError as error:
			frappe.clear_messages()
			problem = str(error)
	case = satisfaction.case_of(token)
	if not case:
		return {"state": "invalid"}
	subject, company = frappe.db.get_value(satisfaction.CASE, case, ["subject", "company"])
	return {
		"state": "ask",
		"problem": problem,
		"token": token,
		"subject": subject,
		"company": company,
		"comment": form.get("comment") or "",
		"longest": satisfaction.LONGEST,
		"csrf": frappe.session.data.csrf_token or "",
	}
