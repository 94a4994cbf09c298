"""What the timeline of a customer shows: one row per kind of record. A kind whose DocType the site has not is left out."""

from dataclasses import dataclass, field

SALES, ORDERS, MONEY, SERVICE, CONTACT, CHANGES = "Sales", "Orders", "Money", "Service", "Contact", "Changes"


@dataclass(frozen=True)
class EventKind:
	"""Records of a DocType: the field with their moment, and how they say whose they are (event_words.py has what they are called).

	`key` orders kinds at the same moment, and stays as it is. `customer` and `prospect` are fields that link the party; where
	another field says of which type that is, `typed_by`. `only` are further filters. Of `title` the first field with a text
	counts. Without a `state` field the state is that of the document: draft, submitted, cancelled.
	"""

	key: str
	doctype: str
	group: str
	at: str
	title: tuple[str, ...] = ("title",)
	customer: str | None = "customer"
	prospect: str | None = None
	typed_by: str | None = None
	only: tuple[tuple[str, str, object], ...] = ()
	state: str | None = "status"
	amount: str | None = None
	# Of the amount, where that is not in the currency of the company.
	currency: str | None = None
	person: str | None = "owner"
	company: str | None = "company"
	shown: bool = field(default=True)

	@property
	def about_another(self) -> bool:
		"""Whether it is shown as the document that it is about, such as a move of the ledger."""
		return self.doctype == "Pipeline Event"


KINDS = (
	EventKind("lead", "Sales Lead", SALES, "creation", prospect="prospect", amount="base_amount", person="sales_owner"),
	EventKind(
		"opportunity", "Sales Opportunity", SALES, "opened_on", prospect="prospect",
		amount="base_amount", person="sales_owner",
	),
	EventKind(
		"project", "Sales Project", SALES, "opened_on", prospect="prospect", amount="base_amount",
		person="sales_owner",
	),
	EventKind(
		"estimate", "Cost Estimate", SALES, "estimate_date", prospect="prospect", state=None, shown=False
	),
	EventKind(
		"quotation", "Quotation", SALES, "transaction_date", title=(), customer="party_name",
		typed_by="quotation_to", amount="base_net_total",
	),
	EventKind(
		"contract", "Sales Contract", SALES, "contract_date", prospect="prospect", amount="base_amount",
		person="sales_owner",
	),
	EventKind(
		"request", "Sales Order Request", ORDERS, "transaction_date", prospect="prospect",
		amount="base_amount", person="sales_owner",
	),
	EventKind(
		"order", "Sales Order", ORDERS, "transaction_date", title=("po_no",), amount="base_net_total"
	),
	EventKind(
		"delivery", "Delivery Note", ORDERS, "posting_date", title=("po_no",),
		only=(("is_return", "=", 0),), amount="base_net_total",
	),
	EventKind(
		"return", "Delivery Note", ORDERS, "posting_date", title=("return_against",),
		only=(("is_return", "=", 1),), amount="base_net_total",
	),
	EventKind(
		"invoice", "Sales Invoice", MONEY, "posting_date", title=("po_no",), only=(("is_return", "=", 0),),
		amount="base_grand_total",
	),
	EventKind(
		"credit_note", "Sales Invoice", MONEY, "posting_date", title=("return_against",),
		only=(("is_return", "=", 1),), amount="base_grand_total",
	),
	EventKind(
		"payment", "Payment Entry", MONEY, "posting_date", title=("reference_no",), customer="party",
		typed_by="party_type", amount="base_paid_amount",
	),
	EventKind("dunning", "Dunning", MONEY, "posting_date", title=(), amount="base_dunning_amount"),
	EventKind(
		"promise", "Promise to Pay", MONEY, "creation", title=("sales_invoice",), amount="amount", currency="currency",
		person="sales_owner",
	),
	EventKind(
		"case", "Customer Case", SERVICE, "opened_on", title=("subject",), prospect="prospect",
		person="responsible",
	),
	EventKind("issue", "Issue", SERVICE, "opening_date", title=("subject",)),
	EventKind("warranty", "Warranty Claim", SERVICE, "complaint_date", title=("item_name", "serial_no")),
	EventKind("erp_project", "Project", SERVICE, "creation", title=("project_name",)),
	EventKind(
		"activity", "Sales Activity", CONTACT, "starts_on", title=("subject",), prospect="prospect",
		person="sales_owner",
	),
	EventKind("memo", "Sales Memo", CONTACT, "creation", title=("subject",), prospect="prospect", state=None),
	EventKind("post", "Contact Position", CONTACT, "creation", title=("contact", "role"), state=None, company=None),
	EventKind(
		"help", "Sales Help Request", CHANGES, "asked_on", title=("deal_title", "question"),
		prospect="prospect", person="asked_by", shown=False,
	),
	EventKind(
		"owner", "Pipeline Event", CHANGES, "at", title=(), prospect="prospect",
		only=(("kind", "=", "Owner"),), state=None, person="by",
	),
	EventKind(
		"stage", "Pipeline Event", CHANGES, "at", title=(), prospect="prospect",
		only=(("kind", "in", ("Stage", "State")),), state=None, person="by", shown=False,
	),
)  # fmt: skip


@dataclass(frozen=True)
class AttachedKind:
	"""Records that hang on a document: on the party itself, or one of our documents about it. `parent_type` and `parent`
	are the fields that say on which, `only` further filters as (field, values); `linked` is the table of rows that link such
	a record to parties beside that; `everywhere`: those on any other document of the party count, too."""

	key: str
	doctype: str
	group: str
	at: str
	title: tuple[str, ...]
	parent_type: str
	parent: str
	person: str
	only: tuple[tuple[str, tuple], ...] = ()
	linked: str | None = None
	shown: bool = True
	everywhere: bool = False


ATTACHED_KINDS = (
	AttachedKind(
		"mail", "Communication", CONTACT, "communication_date", ("subject",), "reference_doctype",
		"reference_name", "sender", (("communication_type", ("Communication",)),), "Communication Link",
		everywhere=True,
	),
	AttachedKind(
		"file", "File", CHANGES, "creation", ("file_name",), "attached_to_doctype", "attached_to_name", "owner",
		everywhere=True,
	),
)  # fmt: skip
