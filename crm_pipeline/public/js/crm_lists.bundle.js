/** Our list views, on top of shared/list_settings.js. */

import { show_facts, show_names } from "./lists/facts";
import { add_pool_actions, claim } from "./lists/pool";
import { add_presets } from "./lists/presets";
import { add_segments } from "./lists/segments";

frappe.provide("crm_pipeline");
crm_pipeline.lists = {
	claim,
	set_up(listview) {
		add_presets(listview);
		add_segments(listview);
		add_pool_actions(listview);
	},
	complete(listview) {
		show_facts(listview);
		show_names(listview);
	},
};
