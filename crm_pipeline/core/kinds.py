"""Records that say of which kind something is: the standard ones of each DocType, by their stable key.

A site renames and translates them, disables them and adds its own. Whoever asks for a kind asks by key, never by its name.
"""

CHANNEL, ACTIVITY_TYPE = "Sales Channel", "Sales Activity Type"

# DocType -> the field that holds the name, and {key: name on a new site}.
NAME_FIELDS = {CHANNEL: "channel_name", ACTIVITY_TYPE: "activity_type"}
STANDARD = {
	CHANNEL: {
		"call_out": "Call-out",
		"exhibition": "Exhibition",
		"referral": "Referral",
		"search": "Search",
		"bought_list": "Bought List",
		"hotline": "Hotline",
		"web_form": "Web Form",
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
}

# What an activity is where nobody says so.
PHONE = "phone"
# Activities in which the customer takes part, whoever asked for it.
TOGETHER = ("meeting", "visit", "video_call", "demonstration")
