"""What a calendar program gets at a private address; everything else at such an address is not found."""

from collections.abc import Iterator
from contextlib import contextmanager

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
		with _reading_as(user):
			return Response(content(user), mimetype="text/calendar", headers=HEADERS)


@contextmanager
def _reading_as(user: str) -> Iterator[None]:
	"""Within this block the request reads as `user`. Whoever asks may be logged in: what set_user empties is a session that
	is thrown away, never theirs."""
	own = frappe.local.session
	frappe.local.session = frappe._dict(user=own.user, sid=own.sid, data=frappe._dict())
	try:
		frappe.set_user(user)
		yield
	finally:
		# What was kept of the other one's rights goes.
		frappe.set_user(own.user)
		frappe.local.session = own
