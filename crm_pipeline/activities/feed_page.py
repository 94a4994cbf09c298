"""What a calendar program gets at a private address; everything else at such an address is not found."""

import frappe
from werkzeug.wrappers import Response

from crm_pipeline.activities import feed_tokens

HEADERS = {
	"Cache-Control": "private, max-age=300",
	"Content-Disposition": 'inline; filename="crm-activities.ics"',
	"X-Robots-Tag": "noindex",
	"Referrer-Policy": "no-referrer",
}


class CalendarFeedPage:
	"""A page renderer of the framework (hook page_renderer): the only thing of ours that a guest reads here."""

	def __init__(self, path: str | None = None, http_status_code: int | None = None):
		self.path = (path or "").strip("/ ")

	def can_render(self) -> bool:
		return self.path.startswith(f"{feed_tokens.ROUTE}/")

	def render(self) -> Response:
		user = feed_tokens.user_of(self.path)
		if not user:
			return Response("Not Found", status=404, mimetype="text/plain")
		# The library is needed here alone.
		content = frappe.get_attr("crm_pipeline.activities.calendar_file.of")
		with feed_tokens.reading_as(user):
			return Response(content(user), mimetype="text/calendar", headers=HEADERS)
