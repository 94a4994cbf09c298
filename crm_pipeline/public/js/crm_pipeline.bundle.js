/** What our form and list scripts share. Everything hangs on one name, because scripts of v16 share no globals. */

import { asked_quantities } from "./core/prices";
import { chain_form } from "./form/chain_form";
import { cost_estimate_form } from "./form/cost_estimate";
import { offer_override } from "./form/cost_gate";
import { deal_form, order_now_button } from "./form/deal";
import { show_feeds } from "./form/feed";
import { help_request_form } from "./form/help";
import { health_indicator } from "./form/health";
import { watch_items } from "./form/items";
import { open_party_fields, party_answer, party_fields } from "./form/party_choice";
import { set_queries } from "./form/queries";
import { quick_entry } from "./form/quick_entry";
import { watch_native as watch_native_ribbon, watch as watch_ribbon } from "./form/ribbon";
import { stage_form } from "./form/stage_record";
import { show_stage_table } from "./form/stages";
import { settings_form } from "./form/visibility";
import { hint_person, watch_search_bar } from "./shared/callers";
import { behind_link, list_link, watch_drill } from "./shared/drill";
import { scope_filters } from "./shared/filter_bar";
import { escaped } from "./shared/html";
import { show_link_titles } from "./shared/link_titles";
import { list_settings, more_columns } from "./shared/lists";
import { after_native } from "./shared/native";
import { act, ask, call, read } from "./shared/server";
import { colour_of, indicator } from "./shared/status";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, {
	act,
	after_native,
	asked_quantities,
	ask,
	behind_link,
	call,
	chain_form,
	colour_of,
	cost_estimate_form,
	deal_form,
	escaped,
	help_request_form,
	health_indicator,
	hint_person,
	indicator,
	list_link,
	list_settings,
	more_columns,
	offer_override,
	open_party_fields,
	order_now_button,
	party_answer,
	party_fields,
	read,
	scope_filters,
	set_queries,
	show_feeds,
	show_stage_table,
	stage_form,
	watch_native_ribbon,
	watch_ribbon,
});

["Sales Lead", "Sales Opportunity", "Sales Activity"].forEach(quick_entry);
show_link_titles([
	...["Sales Campaign", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract"],
	...["Sales Order Request", "Cost Estimate", "Sales Activity", "Sales Memo", "Sales Help Request"],
]);
settings_form();
watch_items();
watch_search_bar();
watch_drill();
