"""Campaigns of ERPNext: 15 has Campaign, 16 keeps a UTM Campaign of the same title beside each, and others by themselves."""

from collections.abc import Iterator
from functools import cached_property

import frappe

from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.moving_in import old_tables

CAMPAIGN, UTM = "Campaign", "UTM Campaign"


class Campaigns:
	"""Asked once."""

	@cached_property
	def known(self) -> dict[str, tuple[str, str]]:
		"""{word by which a lead or deal names it: (DocType, campaign)}."""
		found = {name: (UTM, name) for name in old_tables.names(UTM)}
		for row in old_tables.rows(CAMPAIGN, ["campaign_name", "creation"]):
			found[row.campaign_name] = found[row.name] = (CAMPAIGN, row.name)
		return found

	def of(self, row: frappe._dict) -> str:
		"""The campaign of a lead or deal, where it is still there."""
		words = (row.get("campaign_name"), row.get("campaign"), row.utm_campaign)
		return next((self.known[word][1] for word in words if word in self.known), "")

	def rows(self) -> Iterator[dict]:
		for kind in (CAMPAIGN, UTM):
			names = list(dict.fromkeys(name for one, name in self.known.values() if one == kind))
			fields = ["campaign_name", "description", "campaign_description"]
			for part in old_tables.chunks(kind, fields, names):
				yield from self._rows(kind, part)

	@staticmethod
	def _rows(kind: str, part: list) -> Iterator[dict]:
		names = [row.name for row in part]
		mails = old_tables.children_by("Email Campaign", "campaign_name", names, ["start_date", "end_date"])
		fields = ["email_template", "send_after_days"]
		schedules = old_tables.children("Campaign Email Schedule", kind, names, fields)
		for row in part:
			sent = mails.get(row.name, [])
			plan = [
				(f"Mail after {one.send_after_days} days", one.email_template) for one in schedules.get(row.name, ())
			]
			texts = (row.description or row.campaign_description, *rules.lines(*plan).split("\n"))
			yield {
				"external_id": row.name,
				"campaign": row.campaign_name or row.name,
				"kind": "E-mail" if plan or sent else "Other",
				"starts_on": min((mail.start_date for mail in sent if mail.start_date), default=None),
				"ends_on": max((mail.end_date for mail in sent if mail.end_date), default=None),
				"notes": "<br>".join(frappe.utils.escape_html(text) for text in texts if text),
			}
