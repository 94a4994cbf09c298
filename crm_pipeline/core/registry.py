"""The document types of the chain, in its order: one row each, and every list of types that the app needs.

A type that is added here and has its own folder is walked, shown on the ribbon, searched, kept to its owner's team and
rolled up as its row says; other tables name a type only for what is its alone. CONTRIBUTING.md adds one.
"""

from dataclasses import dataclass, field

from crm_pipeline.core import states
from crm_pipeline.core.states import WON, States


@dataclass(frozen=True)
class Winning:
	"""When a document of a type wins the deal that it came from.

	`states` are statuses of a submitted document that win; all of them where it is empty. `day` is the field with
	the day of the win.
	"""

	day: str
	states: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentType:
	"""A type of document of the chain.

	`step` is its word on the ribbon, `title_field` what names a document for a reader, `item_table` the DocType of its
	item rows, `step_field` the field of a pipeline that makes the step off, optional or required, `states` what its
	`status` may be.
	"""

	name: str
	step: str
	states: States = States()
	title_field: str = "title"
	item_table: str | None = None
	step_field: str | None = None
	# ERPNext's own: our fields on it have a prefix.
	native: bool = False
	# Belongs to a person, and to that person's team.
	owned: bool = False
	# Is pursued through stages.
	deal: bool = False
	# From here on one sale has one customer and one company.
	one_sale: bool = False
	# Shows what was ordered, delivered, billed and paid.
	rolled_up: bool = False
	# Has a place on the ribbon only where the chain has one.
	shown_when_present: bool = False
	wins: Winning | None = field(default=None)


CHAIN = (
	DocumentType("Sales Campaign", "Campaign", states.CAMPAIGN, rolled_up=True, shown_when_present=True),
	DocumentType("Sales Prospect", "Prospect", states.PROSPECT, "prospect_name", owned=True, shown_when_present=True),
	DocumentType("Sales Lead", "Lead", states.LEAD, item_table="Sales Deal Item", step_field="lead_step", owned=True),
	DocumentType(
		"Sales Opportunity",
		"Opportunity",
		states.OPPORTUNITY,
		item_table="Sales Deal Item",
		owned=True,
		deal=True,
		one_sale=True,
		rolled_up=True,
	),
	DocumentType(
		"Sales Project",
		"Project",
		states.PROJECT,
		item_table="Sales Deal Item",
		owned=True,
		deal=True,
		one_sale=True,
		rolled_up=True,
		shown_when_present=True,
	),
	DocumentType(
		"Quotation",
		"Quotation",
		states.QUOTATION,
		"customer_name",
		item_table="Quotation Item",
		step_field="quotation_step",
		native=True,
		one_sale=True,
	),
	DocumentType(
		"Sales Contract",
		"Contract",
		states.CONTRACT,
		item_table="Sales Contract Item",
		step_field="contract_step",
		owned=True,
		one_sale=True,
		rolled_up=True,
		wins=Winning("signed_on"),
	),
	DocumentType(
		"Sales Order Request",
		"Request",
		states.REQUEST,
		item_table="Sales Order Request Item",
		owned=True,
		one_sale=True,
		rolled_up=True,
		wins=Winning("accepted_on", states.REQUEST.names(WON)),
	),
	DocumentType(
		"Sales Order",
		"Order",
		states.ORDER,
		"customer_name",
		native=True,
		one_sale=True,
		wins=Winning("transaction_date"),
	),
)

# About a document that belongs to a person, and seen by who sees that.
ATTACHED = (
	"Sales Activity",
	"Sales Memo",
	"Cost Estimate",
	"Sales Help Request",
	"Pipeline Event",
	"Stage Passage",
	"Pool Movement",
)

# Belong to people, and are no part of the chain: the fields that name the users whose they are.
PERSONAL = {"Customer Case": ("sales_owner", "responsible", "owner"), "Promise to Pay": ("sales_owner",)}

# Who sees one is said by the controller (`condition`, `has_permission`), found by the module that it belongs to.
_MODULES = {
	"Forecast Snapshot": "crm_pipeline",
	"Sales Handover": "crm_customers",
	"Customer Discussion": "crm_customers",
	"Sales Segment": "crm_prospecting",
	"Sales Segment Snapshot": "crm_prospecting",
}
RULED_BY_CONTROLLER = {doctype: (module, doctype.lower().replace(" ", "_")) for doctype, module in _MODULES.items()}

# About a customer or a prospect, and no part of the chain: they follow a prospect that becomes a customer.
BESIDE = (*PERSONAL, "Customer Discussion")

BY_NAME = {row.name: row for row in CHAIN}
ORDER = tuple(BY_NAME)


def _names(quality: str) -> tuple[str, ...]:
	return tuple(row.name for row in CHAIN if getattr(row, quality))


NATIVE = _names("native")
# Those that are ours.
OWN = tuple(name for name in ORDER if name not in NATIVE)
OWNED = _names("owned")
DEALS = _names("deal")
ONE_SALE = _names("one_sale")
# What is made later is brought up to date first.
ROLLED_UP = _names("rolled_up")[::-1]
SHOWN_WHEN_PRESENT = _names("shown_when_present")

ITEM_TABLES = {row.name: row.item_table for row in CHAIN if row.item_table}
STEP_FIELDS = {row.name: row.step_field for row in CHAIN if row.step_field}
WINNERS = {row.name: row.wins for row in CHAIN if row.wins}

# Our child DocTypes, and in which documents their rows stand.
ROWS = {
	**{
		table: tuple(row.name for row in CHAIN if row.item_table == table)
		for table in dict.fromkeys(row.item_table for row in CHAIN if row.item_table and not row.native)
	},
	"Sales Deal Check": DEALS,
	"Sales Deal Contact": OWN,
	"Sales Deal Competitor": OWN,
	"Sales Project Member": ("Sales Project",),
	"Sales Project Milestone": ("Sales Project",),
	"Customer Case Entry": ("Customer Case",),
	"Cost Estimate Item": ("Cost Estimate",),
	"Cost Estimate Charge": ("Cost Estimate",),
	"Pipeline Stage Gate": ("Pipeline Stage",),
	"Pipeline Stage Task": ("Pipeline Stage",),
	"Sales Activity Person": ("Sales Activity",),
	"Sales Handover Receiver": ("Sales Handover",),
	"Smallest Overdue Amount": ("CRM Pipeline Settings",),
	"Sales Handover Item": ("Sales Handover",),
	"Sales Segment Behaviour": ("Sales Segment",),
	"Qualification Question": ("Sales Pipeline",),
	"Lead Answer": ("Sales Lead",),
	"Lead Assignment Member": ("Lead Assignment Rule",),
	"Sales Import Column": ("Sales Import",),
	"Sales Import Value": ("Sales Import",),
}

# What may stand in the `status` of a document, the documents around the chain included.
STATES = {
	**{row.name: row.states for row in CHAIN},
	**dict.fromkeys(("Delivery Note", "Sales Invoice", "Payment Entry"), states.FULFILMENT),
	"Sales Activity": states.ACTIVITY,
	"Sales Project Milestone": states.MILESTONE,
	"Sales Help Request": states.HELP_REQUEST,
	"Customer Case": states.CASE,
	"Cost Estimate": states.ESTIMATE,
	"Pipeline Job": states.JOB,
	"Promise to Pay": states.PROMISE,
	"Sales Handover": states.HANDOVER,
	"Sales Import": states.IMPORT,
}

# The field of a document that names its party, by the type of the party.
PARTY_FIELDS = {"Customer": "customer", "Sales Prospect": "prospect"}

# What a document with somebody's address says of them: copied for, and redacted at the request of, whoever it is.
PERSONAL_DATA = {
	"Sales Lead": ("contact_name", "phone", "mobile_no", "message", "match_phone", "match_mobile"),
	"Sales Prospect": (
		"contact_name", "phone", "mobile_no", "address_line1", "address_line2",
		"match_email", "match_domain", "match_phone", "match_mobile",
	),
	"Sales Deal Contact": ("contact_name", "phone", "mobile_no", "notes", "match_phone"),
	"Customer Case": ("phone",),
}  # fmt: skip
