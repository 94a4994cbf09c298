frappe.listview_settings["Sales Lead"] = crm_pipeline.list_settings({
	add_fields: ["pool_since"],
	button: {
		show: ({ pool_since }) => Boolean(pool_since),
		get_label: () => __("Claim"),
		get_description: () => __("Take it out of the public pool"),
		action: ({ name }) => crm_pipeline.lists.claim("Sales Lead", name),
	},
	formatters: { channel: (value) => `<span>${crm_pipeline.escaped(__(value))}</span>` },
});
