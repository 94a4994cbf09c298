"""Every whitelisted function of the app, by one short path: `crm_pipeline.api.<function>`.

Each is typed, checks permission first and is one call into the room that does the work.
"""

from crm_pipeline.api.activities import (
	assign_item,
	close_calendar_feed,
	finish_item,
	forward_item,
	get_activity_events,
	get_calendar_feed,
	get_my_day,
	log_activity,
	make_calendar_feed,
	move_item,
)
from crm_pipeline.api.admin import get_access, get_access_numbers
from crm_pipeline.api.board import get_board, get_board_totals, get_card, get_cards
from crm_pipeline.api.capturing import capture_lead, get_visitor_pages
from crm_pipeline.api.coaching import (
	answer_help,
	ask_for_help,
	get_stage_guide,
	plan_task,
	tick_check,
	withdraw_help,
)
from crm_pipeline.api.costs import get_cost_gate, get_margin, make_cost_estimate, refresh_costs
from crm_pipeline.api.customer360 import (
	get_customer_figures,
	get_customer_page,
	get_customer_panel,
	get_customer_people,
	get_customer_timeline,
)
from crm_pipeline.api.customer_care import (
	forward_case,
	get_warnings,
	log_case,
	override_order_warnings,
	override_warnings,
	reopen_case,
	solve_case,
	wait_for_customer,
	withdraw_case,
)
from crm_pipeline.api.documents import (
	accept_request,
	add_deal_contact,
	campaign_to_lead,
	campaign_to_project,
	complete_project,
	contact_lead,
	convert_lead,
	disqualify_lead,
	enter_deal,
	find_customers,
	find_customers_of_lead,
	get_acceptance,
	get_amount_to_order,
	get_asked_of_move,
	get_assumed_delivery_date,
	get_chain,
	get_exchange_rate,
	get_history,
	get_list_price,
	get_orders,
	get_remaining,
	get_ribbon,
	get_stage_followers,
	get_timeline,
	lose_deal,
	make_contacts,
	make_contract,
	make_erp_project,
	make_order_request,
	make_quotation,
	move_stage,
	opportunity_to_project,
	order_now,
	qualify_lead,
	reject_prospect,
	reopen_deal,
	reopen_lead,
	reopen_prospect,
	return_request,
	set_next_step,
	terminate_contract,
	undo_conversion,
	undo_move,
	verify_prospect,
	win_deal,
)
from crm_pipeline.api.duplicate_records import (
	find_similar,
	get_comparison,
	mark_not_duplicate,
	merge_records,
	unmark_not_duplicate,
)
from crm_pipeline.api.figures import (
	get_documents_listed,
	get_documents_of_closed,
	get_documents_of_dwell,
	get_documents_of_forecast,
	get_documents_of_orders,
	get_documents_of_queue,
	get_documents_of_stalled,
)
from crm_pipeline.api.forecasts import (
	get_forecast,
	get_forecast_accuracy,
	get_forecast_movement,
	get_forecast_split,
	get_win_rates,
	take_forecast_snapshot,
)
from crm_pipeline.api.funnels import (
	get_funnel,
	get_funnel_documents,
	get_funnel_flow,
	get_funnel_outline,
	reassign_deals,
)
from crm_pipeline.api.handovers import get_handover_progress, prepare_handover, start_handover
from crm_pipeline.api.health import (
	acknowledge_stalled,
	catch_up_now,
	get_deal_health,
	get_dwell,
	get_pipeline_state,
)
from crm_pipeline.api.imports import get_import_check, preview_import, start_import, stop_import, undo_import
from crm_pipeline.api.lead_assignment import assign_leads, get_assignment_rehearsal
from crm_pipeline.api.leads import (
	answer_questions,
	get_questionnaire,
	get_score_choices,
	learn_lead_scores,
	nurture_lead,
)
from crm_pipeline.api.lookup import get_visibility
from crm_pipeline.api.people_and_relations import get_network, get_org_chart, give_post, move_contact, set_superior
from crm_pipeline.api.public_pool import claim_from_pool, give_from_pool, release_to_pool
from crm_pipeline.api.receivables import (
	get_documents_of_contract,
	get_documents_of_overdue,
	get_owed_invoices,
	get_promise_of_invoice,
	withdraw_promise,
)
from crm_pipeline.api.search import find_party, find_person, search_documents, search_users
from crm_pipeline.api.segment_records import get_segment_records, take_segment_snapshot
from crm_pipeline.api.workspaces import get_documents_of_number, get_workspace_numbers
