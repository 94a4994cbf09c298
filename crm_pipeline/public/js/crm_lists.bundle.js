/** Our list views, on top of shared/list_settings.js. */

import { show_facts, show_names } from "./lists/facts";
import { add_presets } from "./lists/presets";

frappe.provide("crm_pipeline");
crm_pipeline.lists = {
	set_up: add_presets,
	complete(listview) {
		show_facts(listview);
		show_names(listview);
	},
};
