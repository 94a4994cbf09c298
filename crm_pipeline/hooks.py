from crm_pipeline.core.registry import ATTACHED as _ATTACHED
from crm_pipeline.core.registry import DEALS as _DEALS
from crm_pipeline.core.registry import OWNED as _OWNED
from crm_pipeline.core.registry import PERSONAL as _PERSONAL
from crm_pipeline.core.registry import PERSONAL_DATA as _PERSONAL_DATA
from crm_pipeline.core.registry import ROWS as _ROWS
from crm_pipeline.core.registry import RULED_BY_CONTROLLER as _CONTROLLERS

app_name = "crm_pipeline"
app_title = "CRM Pipeline"
app_publisher = "CRM Pipeline contributors"
app_description = "The front office of ERPNext: from lead to fulfilled, paid Sales Order on one customer record"
app_email = "crm-pipeline@example.com"
app_license = "GPL-3.0-or-later"
required_apps = ["frappe/erpnext"]

export_python_type_annotations = True
require_type_annotated_api_methods = True

add_to_apps_screen = [{
	"name": "crm_pipeline",
	"logo": "/assets/crm_pipeline/images/logo.svg",
	"title": "CRM Pipeline",
	# 15 leads to another app's workspace unless this is the name of ours, as it is written there.
	"route": "/app/crm pipeline",
	"has_permission": "crm_pipeline.permissions.may_use_app",
}]  # fmt: skip

page_renderer = "crm_pipeline.activities.feed_page.CalendarFeedPage"
website_redirects = [{"source": r"/(app|desk)/crm pipeline", "target": r"/\1/crm-pipeline"}]

app_include_js = "crm_pipeline.bundle.js"
extend_bootinfo = "crm_pipeline.boot.extend"

before_install = "crm_pipeline.install.before_install"
after_install = "crm_pipeline.install.after_install"
after_migrate = "crm_pipeline.install.after_migrate"
after_app_install = "crm_pipeline.install.after_app_install"
before_uninstall = "crm_pipeline.uninstall.before_uninstall"

doctype_js = {
	**{doctype: f"public/js/native/{doctype.lower().replace(' ', '_')}.js" for doctype in (
		"Quotation", "Sales Order", "Sales Invoice", "Customer", "Contact", "Delivery Note")},
	"Payment Entry": "public/js/native/ribbon_only.js",
}  # fmt: skip

_with_connections = ("Contact", "Customer", "Delivery Note", "Quotation", "Sales Order")
override_doctype_dashboards = {
	doctype: f"crm_pipeline.overrides.dashboards.{doctype.lower().replace(' ', '_')}" for doctype in _with_connections
}

# fmt: off
doc_events = {
	**{doctype: dict.fromkeys(("validate", "on_update", "after_rename"), f"crm_pipeline.overrides.{doctype.lower()}.follow") for doctype in ("Customer", "Contact")},
	"*": {"after_rename": "crm_pipeline.overrides.renamed.follow_values"}, "Sales Person": {"before_rename": "crm_pipeline.overrides.sales_person.before_rename"}, "Sales Order Item": {"on_change": "crm_pipeline.overrides.sales_order.note_raised_row"},
	"User": {event: f"crm_pipeline.overrides.user.{event}" for event in ("before_rename", "on_update", "after_rename")}, "Comment": dict.fromkeys(("before_insert", "after_insert", "on_update", "on_trash"), "crm_pipeline.overrides.comment.follow"),
	"Transaction Deletion Record": {"on_change": "crm_pipeline.overrides.transaction_deletion_record.on_change"}, "Communication": dict.fromkeys(("after_insert", "after_delete"), "crm_pipeline.overrides.communication.follow"), "Personal Data Deletion Request": {"on_change": "crm_pipeline.overrides.personal_data_deletion_request.on_change"},
	"Quotation": {event: f"crm_pipeline.overrides.quotation.{event}" for event in (
		"onload", "validate", "before_insert", "before_submit", "before_update_after_submit", "on_change")},
	"Sales Order": {event: f"crm_pipeline.overrides.sales_order.{event}" for event in (
		"onload", "validate", "before_submit", "on_submit", "before_update_after_submit", "on_update_after_submit",
		"on_cancel", "after_delete", "on_change")},
	"Sales Invoice": {"onload": "crm_pipeline.overrides.sales_invoice.onload",
		**dict.fromkeys(("on_submit", "on_cancel", "on_change"), "crm_pipeline.overrides.sales_invoice.follow_orders")},
	"Delivery Note": {"onload": "crm_pipeline.overrides.delivery_note.onload"}, "Payment Entry": {"onload": "crm_pipeline.overrides.payment_entry.onload"},
	# Of the CRMs that can be moved in from.
	**dict.fromkeys(("Lead", "Prospect", "Opportunity", "Campaign", "UTM Campaign", "Appointment", "Contract", "CRM Lead", "CRM Organization", "CRM Deal", "CRM Task", "CRM Call Log", "FCRM Note"), {"after_rename": "crm_pipeline.importer.moving_in.side_by_side.follow_rename"}),
}

# Before ERPNext's own CRM documents, which are leaving.
global_search_doctypes = {"Default": [{"doctype": doctype, "index": place} for place, doctype in enumerate((*_OWNED, "Customer Discussion"), 1)]}  # fmt: skip
standard_queries = dict.fromkeys(_OWNED, "crm_pipeline.api.search_documents")
# What was written and said on the lead that a deal came from shows on the deal.
# So does what was written on the record of another system that a lead, prospect or opportunity moved in from.
_moved = "crm_pipeline.importer.moving_in.origin_comments.timeline"
additional_timeline_content = {**dict.fromkeys(("Sales Lead", "Sales Prospect"), [_moved]), **{d: ["crm_pipeline.analytics.lead_contact.timeline", _moved] for d in _DEALS}}  # fmt: skip
permission_query_conditions = {
	**{doctype: f"crm_pipeline.{module}.doctype.{name}.{name}.condition" for doctype, (module, name) in _CONTROLLERS.items()},
	**dict.fromkeys(_OWNED, "crm_pipeline.permissions.owned_condition"),
	**dict.fromkeys(_ATTACHED, "crm_pipeline.permissions.attached_condition"),
	**dict.fromkeys(_PERSONAL, "crm_pipeline.permissions.personal_condition"),
	**dict.fromkeys(_ROWS, "crm_pipeline.permissions.row_condition"),
	"Sales Handover Item": "crm_pipeline.crm_customers.doctype.sales_handover_item.sales_handover_item.condition",
	"Duplicate Pair": "crm_pipeline.permissions.pair_condition",
}
has_permission = {
	**{doctype: f"crm_pipeline.{module}.doctype.{name}.{name}.has_permission" for doctype, (module, name) in _CONTROLLERS.items()},
	**dict.fromkeys(_OWNED, "crm_pipeline.permissions.has_owned_permission"),
	**dict.fromkeys(_PERSONAL, "crm_pipeline.permissions.has_personal_permission"),
	**dict.fromkeys(_ATTACHED, "crm_pipeline.permissions.has_attached_permission"),
	"Duplicate Pair": "crm_pipeline.permissions.has_pair_permission",
}

scheduler_events = {
	"cron": {"*/5 * * * *": ["crm_pipeline.chain.pending.sweep", "crm_pipeline.activities.reminders.send_due", "crm_pipeline.leads.nurturing.wake_due", "crm_pipeline.assignment.time_limits.sweep"]}, "weekly_long": ["crm_pipeline.analytics.snapshots.weekly", "crm_pipeline.scoring.learned_scores.weekly"],
	"daily": ["crm_pipeline.crm_pipeline.doctype.sales_contract.sales_contract.expire_contracts", "crm_pipeline.relations.customer_relations.follow_dates"],
	"daily_long": ["crm_pipeline.orders.roll_up.reconcile", "crm_pipeline.chain.passages.reconcile", "crm_pipeline.analytics.stall_verdicts.refresh_all", "crm_pipeline.receivables.promise_states.daily", "crm_pipeline.duplicates.pair_records.find_all", "crm_pipeline.scoring.lead_scores.refresh_all", "crm_pipeline.segments.segment_snapshots.daily", "crm_pipeline.assignment.assigning.daily", "crm_pipeline.assignment.time_limits.daily", "crm_pipeline.pool.pooling.daily"],
}
# fmt: on

# Accepted requests outlive the contract version they came from; the ledger outlives nothing but blocks nothing.
auto_cancel_exempted_doctypes = ["Sales Order Request"]
ignore_links_on_delete = ["Pipeline Event", "Stage Passage", "Sales Memo", "Sales Activity", "Forecast Snapshot", "Promise to Pay", "Sales Handover Item", "Sales Calendar Feed", "Duplicate Pair", "Imported Record", "Sales Segment Member", "Pool Movement"]  # fmt: skip

# Copied for, or taken away from, whoever asks the framework for their personal data.
user_data_fields = [{"doctype": doctype, "filter_by": "email_id", "redact_fields": [*fields]} for doctype, fields in _PERSONAL_DATA.items()]  # fmt: skip

# Settings, not transactions: they stay when a company's transactions are deleted.
company_data_to_be_ignored = ["Sales Pipeline", "Sales Segment", "Lead Assignment Rule", "Pool Rule"]
