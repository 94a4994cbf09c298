from frappe.model.document import Document

from crm_pipeline.chain import incoming
from crm_pipeline.warnings import customer_warnings


class CRMPipelineSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_customers.doctype.smallest_overdue_amount.smallest_overdue_amount import SmallestOverdueAmount
		from frappe.types import DF

		ask_satisfaction: DF.Check
		case_day_end: DF.Time | None
		case_day_start: DF.Time | None
		cost_gate: DF.Literal["Off", "Estimate", "Estimate and Margin"]
		decision_maker_from_probability: DF.Percent
		default_customer_group: DF.Link | None
		default_delivery_days: DF.Int
		default_territory: DF.Link | None
		default_verification_method: DF.Literal["Call", "Visit", "E-mail", "Document", "Public Register", "Existing Customer", "Other"]
		dwell_in_working_days: DF.Check
		lead_score_threshold: DF.Int
		margin_floor: DF.Percent
		margin_override_role: DF.Link | None
		odd_amount_factor: DF.Float
		odd_amount_min_won: DF.Int
		promise_escalation_days: DF.Int
		quotation_from_probability: DF.Percent
		remind_before: DF.Literal["No Reminder", "At the Time", "5 Minutes Before", "15 Minutes Before", "30 Minutes Before", "1 Hour Before", "2 Hours Before", "1 Day Before", "2 Days Before", "1 Week Before"]
		satisfaction_days: DF.Int
		satisfaction_template: DF.Link | None
		stalled_dwell_margin: DF.Percent
		stalled_dwell_min_won: DF.Int
		stalled_dwell_quantile: DF.Percent
		stalled_from_score: DF.Int
		stalled_in_touch_days: DF.Int
		stalled_new_days: DF.Int
		stalled_silent_days: DF.Int
		stalled_times_pushed: DF.Int
		stalled_tolerance_days: DF.Int
		stop_native_orders: DF.Check
		stop_overdue_amounts: DF.Table[SmallestOverdueAmount]
		stop_overdue_days: DF.Int
		submit_sales_order: DF.Check
		team_visibility: DF.Check
		verify_on_conversion: DF.Check
		warn_blocked: DF.Literal["None", "Inform", "Stop"]
		warn_complaint: DF.Literal["None", "Inform", "Stop if Severe", "Stop"]
		warn_contract: DF.Literal["None", "Inform"]
		warn_contract_days: DF.Int
		warn_credit: DF.Literal["None", "Inform", "Stop"]
		warn_overdue: DF.Literal["None", "Inform", "Stop"]
		warn_promise: DF.Literal["None", "Inform", "Stop"]
		warn_request: DF.Literal["None", "Inform"]
		warn_silent: DF.Literal["None", "Inform"]
		warn_stalled: DF.Literal["None", "Inform"]
		warning_override_role: DF.Link | None
		web_form_consent: DF.Check
		web_form_protection: DF.Check
		weight_no_decision_maker: DF.Int
		weight_no_next_step: DF.Int
		weight_no_quotation: DF.Int
		weight_odd_amount: DF.Int
		weight_over_dwell: DF.Int
		weight_overdue_close: DF.Int
		weight_pushed: DF.Int
		weight_silent: DF.Int
	# end: auto-generated types

	def validate(self):
		incoming.take_in(self)
		customer_warnings.check_amounts(self)
