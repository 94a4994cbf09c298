"""Records that say of which kind something is: the standard ones of each DocType, by their stable key.

A site renames and translates them, disables them and adds its own. Whoever asks for a kind asks by key, never by its name.
"""

CHANNEL, ACTIVITY_TYPE, RELATION_TYPE = "Sales Channel", "Sales Activity Type", "Relation Type"

# DocType -> the field that holds the name, and {key: name on a new site}.
NAME_FIELDS = {CHANNEL: "channel_name", ACTIVITY_TYPE: "activity_type", RELATION_TYPE: "relation_type"}
STANDARD = {
	CHANNEL: {
		"call_out": "Call-out",
		"exhibition": "Exhibition",
		"referral": "Referral",
		"search": "Search",
		"bought_list": "Bought List",
		"hotline": "Hotline",
		"web_form": "Web Form",
		"e_mail": "E-mail",
		"social": "Social",
		"campaign": "Campaign",
		"existing_customer": "Existing Customer",
		"other": "Other",
	},
	ACTIVITY_TYPE: {
		"phone": "Phone",
		"e_mail": "E-mail",
		"meeting": "Meeting",
		"visit": "Visit",
		"video_call": "Video Call",
		"message": "Message",
		"letter": "Letter",
		"demonstration": "Demonstration",
		"other": "Other",
	},
	RELATION_TYPE: {
		"parent": "Parent",
		"partner": "Partner",
		"competitor": "Competitor",
		"referred_by": "Referred By",
		"superior": "Superior",
		"assistant": "Assistant",
		"former_colleague": "Former Colleague",
		"relative": "Relative",
		"introduced_by": "Introduced By",
	},
}


def _relation(applies_to: str, inverse_label: str, is_tree: int = 0) -> dict:
	return {"applies_to": applies_to, "inverse_label": inverse_label, "is_tree": is_tree}


# What a standard record has beside its name.
VALUES = {
	RELATION_TYPE: {
		"parent": _relation("Customer", "Subsidiary", 1),
		"partner": _relation("Customer", "Partner"),
		"competitor": _relation("Customer", "Competitor"),
		"referred_by": _relation("Customer", "Referred"),
		"superior": _relation("Contact", "Works For", 1),
		"assistant": _relation("Contact", "Assists"),
		"former_colleague": _relation("Contact", "Former Colleague"),
		"relative": _relation("Contact", "Relative"),
		"introduced_by": _relation("Contact", "Introduced"),
	},
}

# What an activity is where nobody says so.
PHONE = "phone"
# The relation of a customer to the one that it belongs to.
PARENT = "parent"
# Activities in which the customer takes part, whoever asked for it.
TOGETHER = ("meeting", "visit", "video_call", "demonstration")
