crm_pipeline.form("Sales Prospect", () => {
	crm_pipeline.chain_form("Sales Prospect");

	frappe.ui.form.on("Sales Prospect", {
		refresh(frm) {
			frappe.dynamic_link = { doc: frm.doc, fieldname: "name", doctype: "Sales Prospect" };
			if (frm.is_new()) {
				frappe.contacts.clear_address_and_contact(frm);
				return;
			}
			frappe.contacts.render_address_and_contact(frm);
			frm.add_custom_button(__("Customer 360°"), () => frappe.set_route("customer-360", "Sales Prospect", frm.docname));
			if (!frm.perm[0]?.write) return;
			if (frm.doc.status === "Unverified") {
				frm.add_custom_button(__("Verify"), () => ask_verify(frm)).addClass("btn-primary");
				frm.add_custom_button(__("Reject"), () => ask_reject(frm));
			}
			if (frm.doc.status === "Rejected") {
				frm.add_custom_button(__("Reopen"), () => crm_pipeline.act(frm, "reopen_prospect", { prospect: frm.docname }));
				return;
			}
			add_new(frm, __("Sales Lead"), "Sales Lead");
			add_new(frm, __("Sales Opportunity"), "Sales Opportunity");
		},
	});
});

/** A new document about this prospect; what the prospect knows goes along. */
function add_new(frm, label, doctype) {
	if (!frappe.model.can_create(doctype)) return;
	const shared = ["customer", "company", "territory", "sales_owner", "sales_person", "campaign"];
	const lead_only = ["contact_name", "designation", "email_id", "phone", "mobile_no", "industry", "channel"];
	const fields = doctype === "Sales Lead" ? [...shared, ...lead_only] : shared;
	frm.add_custom_button(
		label,
		() => {
			const values = Object.fromEntries(fields.map((field) => [field, frm.doc[field]]).filter(([, value]) => value));
			const source = { source_type: frm.doctype, source_name: frm.docname, prospect: frm.docname };
			frappe.new_doc(doctype, { ...values, ...source });
		},
		__("Create")
	);
}

async function ask_verify(frm) {
	await frappe.model.with_doctype("CRM Pipeline Settings");
	const options = frappe.meta.get_docfield("CRM Pipeline Settings", "default_verification_method").options;
	const preset = await frappe.db.get_single_value("CRM Pipeline Settings", "default_verification_method");
	crm_pipeline.ask(
		__("Verify {0}", [frm.doc.prospect_name]),
		[
			...(await crm_pipeline.party_fields({ prospect: frm.docname })),
			{ fieldname: "method", fieldtype: "Select", label: __("Verified How"), options, default: preset, reqd: 1 },
			{ fieldname: "note", fieldtype: "Small Text", label: __("Note") },
		],
		__("Verify"),
		({ method, note, ...rest }, dialog) => {
			const choice = crm_pipeline.party_answer(rest, "create_new");
			const args = { prospect: frm.docname, method, note, ...choice };
			return crm_pipeline.act(frm, "verify_prospect", args, { dialog, open: false, message: __("Verified") });
		}
	);
}

function ask_reject(frm) {
	crm_pipeline.ask(
		__("Why Is It Rejected?"),
		[{ fieldname: "reason", fieldtype: "Link", options: "Sales Lost Reason", label: __("Reason"), reqd: 1 }],
		__("Reject"),
		(values, dialog) => crm_pipeline.act(frm, "reject_prospect", { prospect: frm.docname, ...values }, { dialog })
	);
}
