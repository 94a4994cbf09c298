/** A button in the head of a page, "primary" or "secondary": on a phone, where its words don't fit, an icon that has a name. */
export function head_button(page, kind, label, icon, run) {
	// An empty mark takes its place in the head, too.
	if (frappe.is_mobile()) page.clear_indicator();
	const button = page[`set_${kind}_action`](label, run, frappe.is_mobile() ? icon : "");
	return button.attr("aria-label", label);
}
