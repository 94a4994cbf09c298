"""What a file may hold: per table the fields that a column can go to. Those marked True need a column."""

ADDRESS = {"street": False, "city": False, "state": False, "postcode": False, "country": False}
# A person's name, in one column or in two.
PERSON = ("contact", "first_name", "last_name")

FIELDS: dict[str, dict[str, bool]] = {
	"products": {"product": True, "product_id": False, "group": False, "price": False},
	"agents": {"agent": True, "agent_id": False, "manager": False, "region": False, "email": False},
	"accounts": {
		"account": True,
		"account_id": False,
		"parent": False,
		"industry": False,
		"country": False,
		"website": False,
		"tax_id": False,
		"details": False,
	},
	"prospects": {
		"prospect": True,
		"external_id": False,
		**dict.fromkeys(
			("kind", *PERSON, "designation", "email", "phone", "mobile", "website", "industry", "territory"), False
		),
		**dict.fromkeys(("channel", "campaign", "tax_id", "owner", "agent", "created_on", "account"), False),
		**ADDRESS,
	},
	"leads": {
		"company_name": False,
		"external_id": False,
		**dict.fromkeys(("title", *PERSON, "designation", "email", "phone", "mobile", "industry", "territory"), False),
		**dict.fromkeys(("channel", "campaign", "country", "status", "lost_reason", "owner", "agent", "amount"), False),
		**dict.fromkeys(("created_on", "converted_on", "notes", "is_deleted", "prospect", "account"), False),
	},
	"contacts": {
		**dict.fromkeys(PERSON, False),
		"external_id": False,
		**dict.fromkeys(("account", "designation", "email", "phone", "mobile", "country"), False),
	},
	"history": {"external_id": True, "stage": True, "entered_on": True},
	"opportunities": {
		"external_id": False,
		"stage": True,
		"status": False,
		"pipeline": False,
		"title": False,
		"account": False,
		"product": False,
		"agent": False,
		"owner": False,
		"created_on": False,
		"engaged_on": False,
		"closed_on": False,
		"expected_close": False,
		"close_date": False,
		"amount": False,
		"currency": False,
		"quantity": False,
		"price": False,
		"item_amount": False,
		"probability": False,
		"lost_reason": False,
		"contact": False,
		"contact_email": False,
		"contact_phone": False,
		"channel": False,
		"lead": False,
		"prospect": False,
		"campaign": False,
		"exchange_rate": False,
		"next_step": False,
		"notes": False,
		"is_deleted": False,
		"details": False,
	},
	"campaigns": {
		"campaign": True,
		"external_id": False,
		**dict.fromkeys(("kind", "status", "starts_on", "ends_on", "budget", "cost", "owner", "notes"), False),
	},
	"activities": {
		"subject": True,
		"external_id": False,
		"about": True,
		"about_type": False,
		"starts_on": True,
		**dict.fromkeys(("ends_on", "way", "direction", "status", "priority", "result", "place"), False),
		**dict.fromkeys(("owner", "notes"), False),
	},
	"memos": {
		"notes": True,
		"external_id": False,
		"about": True,
		"about_type": False,
		**dict.fromkeys(("subject", "owner", "created_on"), False),
	},
}

# Several columns may go to this field; each becomes a line of text.
REPEATABLE = "details"
# Texts whose line breaks are kept, and which may be longer than a text column.
LONG = ("details", "notes")

# A field of the site's own goes by its name: "field:custom_region".
OWN = "field:"

DAYS = (
	*("created_on", "engaged_on", "closed_on", "expected_close", "close_date", "entered_on", "converted_on"),
	*("starts_on", "ends_on"),
)
NUMBERS = ("amount", "price", "quantity", "item_amount", "probability", "exchange_rate", "budget", "cost")

# Marks of rows that the other system has deleted.
TRUE = (
	"1",
	"true",
	"yes",
	"y",
	"x",
	"wahr",
	"ja",
	"oui",
	"是",
	"sí",
	"si",
	"sim",
	"vrai",
	"verdadero",
	"はい",
	"deleted",
)
FALSE = ("", "0", "false", "no", "n", "falsch", "nein", "non", "否", "não", "faux", "falso", "いいえ")
