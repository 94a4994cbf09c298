crm_pipeline.form("Sales Campaign", () => {
	crm_pipeline.chain_form("Sales Campaign");

	frappe.ui.form.on("Sales Campaign", {
		setup(frm) {
			frm.set_query("segment", () => ({ filters: { disabled: 0 } }));
		},
		refresh(frm) {
			if (frm.doc.segment && !frm.is_new()) {
				frm.add_custom_button(__("Records of the Segment"), () => crm_pipeline.show_segment(frm.doc.segment), __("View"));
			}
			if (frm.is_new() || frm.doc.status === "Cancelled") return;
			if (frappe.model.can_create("Sales Lead")) {
				frm.add_custom_button(__("Sales Lead"), () => new_lead(frm), __("Create"));
			}
			if (frappe.model.can_create("Sales Project")) {
				const make = () => crm_pipeline.act(frm, "campaign_to_project", { name: frm.docname });
				frm.add_custom_button(__("Marketing Project"), make, __("Create"));
			}
		},
	});
});

async function new_lead(frm) {
	const lead = await crm_pipeline.read("campaign_to_lead", { name: frm.docname });
	const [doc] = frappe.model.sync(lead);
	frappe.set_route("Form", doc.doctype, doc.name);
}
