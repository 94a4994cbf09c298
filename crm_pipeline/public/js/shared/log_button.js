/** Log an activity about the document of a form: one click here, one on Save. */

/** On a phone it stands beside the menu, in which Frappe hides all other buttons there. */
export function log_button(frm) {
	frm.page.wrapper.find(".crm-log").remove();
	if (frm.is_new() || !frappe.model.can_create("Sales Activity")) return;
	const log = () => crm_pipeline.ask_activity(frm);
	frm.add_custom_button(__("Log Activity"), log);
	if (frappe.is_mobile()) $(`<button class="btn btn-default btn-sm crm-log">${__("Log")}</button>`).on("click", log).prependTo(frm.page.standard_actions);
}
