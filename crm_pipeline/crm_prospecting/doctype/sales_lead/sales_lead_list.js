frappe.listview_settings["Sales Lead"] = crm_pipeline.list_settings({
	add_fields: ["score", "pool_since"],
	button: {
		show: ({ pool_since }) => Boolean(pool_since),
		get_label: () => __("Claim"),
		get_description: () => __("Take it out of the public pool"),
		action: ({ name }) => crm_pipeline.lists.claim("Sales Lead", name),
	},
	formatters: {
		channel: (value) => `<span>${crm_pipeline.escaped(__(value))}</span>`,
		// What came to the threshold stands out.
		score(value) {
			const hot = frappe.boot.crm_lead_score_threshold;
			const colour = value < 0 ? "red" : hot > 0 && value >= hot ? "green" : "gray";
			return value ? `<span class="indicator-pill no-indicator-dot ${colour}">${crm_pipeline.escaped(value)}</span>` : "<span></span>";
		},
	},
});
