"""Which fields of what moved in follow the other system, for as long as both are used."""

from crm_pipeline.core.whose_change import Followed, one
from crm_pipeline.importer.known_parties import CAMPAIGN, LEAD, PROSPECT
from crm_pipeline.importer.store_deals import MEMO, OPPORTUNITY

ACTIVITY = "Sales Activity"
# What no column holds: the chance that somebody gave a deal, and its rows as one text.
CHANCE, ITEMS = "own_chance", "item_rows"

_PERSON = (
	*(one("contact_name"), one("designation"), one("email_id", "match_email", "match_domain")),
	*(one("phone", "match_phone"), one("mobile_no", "match_mobile"), one("industry"), one("territory")),
	*(one("channel"), one("campaign"), one("sales_owner")),
)
FOLLOWED: dict[str, tuple[Followed, ...]] = {
	CAMPAIGN: (*map(one, ("title", "campaign_type", "start_date", "end_date", "description", "sales_owner")),),
	PROSPECT: (
		*(one("prospect_name", "match_name"), *_PERSON, one("website"), one("tax_id", "match_tax_id")),
		Followed("address_line1", ("address_line1", "city", "state", "pincode", "country")),
		one("customer", "status"),
	),
	LEAD: (
		*(one("title"), one("prospect_name", "party_name"), *_PERSON, one("message"), one("amount", "base_amount")),
		Followed("status", ("status", "lost_reason"), ("converted_on",)),
		Followed("prospect", ("prospect", "customer")),
	),
	OPPORTUNITY: (
		*map(one, ("title", "sales_owner", "channel", "campaign", "expected_close", "next_step", "description")),
		one("source_name", "source_type"),
		Followed("party_name", ("customer", "prospect"), ("party_name", "territory")),
		Followed(
			"stage",
			("stage", "closed_on", "lost_reason", CHANCE),
			("status", "probability", "own_probability", "forecast_category", "closed_from", "outcome"),
		),
		Followed(
			"amount",
			("currency", "amount", ITEMS),
			("conversion_rate", "base_amount", "items_total", "selling_price_list"),
		),
	),
	ACTIVITY: (
		*map(one, ("subject", "way", "direction", "status", "priority", "result", "place", "notes", "sales_owner")),
		Followed("starts_on", ("starts_on", "ends_on"), ("duration", "due_on")),
	),
	MEMO: (one("subject"), one("memo")),
}
