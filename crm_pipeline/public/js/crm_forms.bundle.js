/** What our form scripts share, loaded with the first form that needs it. */

import { asked_quantities } from "./core/prices";
import { ask_acceptance } from "./form/acceptance";
import { chain_form } from "./form/chain_form";
import { cost_estimate_form } from "./form/cost_estimate";
import { offer_override } from "./form/cost_gate";
import { deal_form, order_now_button } from "./form/deal";
import { ask_activity, log_activity, usual_activity_type } from "./form/feed";
import { customer_case_form } from "./form/customer_case";
import { handover_form } from "./form/handover";
import { lead_assignment_form } from "./form/lead_assignment";
import { help_request_form } from "./form/help";
import { import_form } from "./form/import";
import { watch_items } from "./form/items";
import { score_model_form, score_rule_form, show_score } from "./form/lead_score";
import { answers_of, question_fields, questions_for, show_attempts, show_questionnaire } from "./form/lead_questions";
import { open_party_fields, party_answer, party_fields } from "./form/party_choice";
import { set_queries } from "./form/queries";
import { choose_owed_invoice, make_promise, promise_form } from "./form/promise";
import { quick_entry } from "./form/quick_entry";
import { show_ribbon, watch as watch_ribbon } from "./form/ribbon";
import { pool_rule_form } from "./form/pool_rule";
import { segment_form } from "./form/segment";
import { stage_form } from "./form/stage_record";
import { show_stage_table } from "./form/stages";
import { settings_form } from "./form/visibility";
import { show_pool } from "./form/pool";
import { show_timeline } from "./form/timeline";
import { ask_unpriced } from "./form/unpriced";
import { show_visitor_pages } from "./form/visitor_pages";
import { show_warnings } from "./form/warnings";
import { hint_person, offer_person } from "./shared/callers";
import { names_in_form } from "./form/people";
import { take_link_titles } from "./shared/link_titles";
import { DOCUMENTS } from "./shared/registry";
import { show_segment } from "./shared/segments";
import { act, ask } from "./shared/server";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, {
	act,
	answers_of,
	ask,
	ask_acceptance,
	ask_activity,
	ask_unpriced,
	asked_quantities,
	chain_form,
	choose_owed_invoice,
	cost_estimate_form,
	customer_case_form,
	deal_form,
	handover_form,
	help_request_form,
	import_form,
	lead_assignment_form,
	hint_person,
	log_activity,
	make_promise,
	offer_override,
	offer_person,
	open_party_fields,
	order_now_button,
	party_answer,
	party_fields,
	promise_form,
	score_model_form,
	score_rule_form,
	pool_rule_form,
	segment_form,
	question_fields,
	questions_for,
	set_queries,
	settings_form,
	show_attempts,
	show_names,
	show_questionnaire,
	show_pool,
	show_score,
	show_segment,
	show_timeline,
	show_ribbon,
	show_stage_table,
	show_visitor_pages,
	show_warnings,
	stage_form,
	usual_activity_type,
	watch_ribbon,
});

/** A form of ours has titles and names in its links. */
function show_names(doctype) {
	if (!DOCUMENTS.includes(doctype)) take_link_titles([doctype]);
	names_in_form(doctype);
}

["Sales Lead", "Sales Opportunity", "Sales Activity"].forEach(quick_entry);
take_link_titles(DOCUMENTS);
watch_items();
