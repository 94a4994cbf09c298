/**
 * On every page of Desk, so as little as may be: what a list, a report or a form needs before anything can be loaded.
 * Everything hangs on one name, because scripts of v16 share no globals.
 */

import { ask_html, behind_link, list_link, watch_drill } from "./shared/drill";
import { scope_filters } from "./shared/filter_bar";
import { escaped } from "./shared/html";
import { form, forms, lazily, load } from "./shared/lazy";
import { show_link_titles } from "./shared/link_titles";
import { health_indicator, list_settings, more_columns } from "./shared/list_settings";
import { log_button } from "./shared/log_button";
import { after_native, watch_native_ribbon, watch_warnings } from "./shared/native";
import { quick_entry_stub } from "./shared/quick_entry_stub";
import { DOCUMENTS, colour_of, is_open, states_of } from "./shared/registry";
import { watch_search_bar } from "./shared/search_bar";
import { watch_same_ones } from "./shared/same_ones";
import { call, read } from "./shared/server";
import { indicator } from "./shared/status";

frappe.provide("crm_pipeline");
Object.assign(crm_pipeline, {
	after_native,
	ask_html,
	behind_link,
	call,
	colour_of,
	document_types: DOCUMENTS,
	escaped,
	form,
	forms,
	health_indicator,
	indicator,
	is_open,
	list_link,
	list_settings,
	load,
	log_button,
	more_columns,
	read,
	scope_filters,
	states_of,
	watch_native_ribbon,
	watch_warnings,
});

// For native forms and other apps, which do not wait for the forms' script.
for (const name of ["act", "ask", "ask_activity", "choose_owed_invoice", "hint_person", "log_activity", "make_promise", "offer_override", "show_pool"]) crm_pipeline[name] = lazily(name);

["Sales Lead", "Sales Opportunity", "Sales Activity"].forEach(quick_entry_stub);
show_link_titles();
watch_search_bar();
watch_drill();
watch_same_ones();
frappe.realtime?.on("crm_reminder", ({ subject }) => frappe.show_alert({ message: subject, indicator: "orange" }, 20));
