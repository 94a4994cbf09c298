/** Promises to pay: made from an invoice or its row in a report, followed up by an activity, taken back with a reason. */

/** A new promise about an invoice, with what is owed of it. */
export async function make_promise(invoice) {
	const values = await frappe.call({ method: "crm_pipeline.api.get_promise_of_invoice", args: { invoice } });
	frappe.new_doc("Promise to Pay", values.message);
}

export function promise_form() {
	frappe.ui.form.on("Promise to Pay", {
		setup(frm) {
			const owed = { docstatus: 1, is_return: 0, outstanding_amount: [">", 0] };
			frm.set_query("sales_invoice", () => ({ filters: frm.doc.customer ? { ...owed, customer: frm.doc.customer } : owed }));
			frm.set_query("contact", () => ({
				query: "frappe.contacts.doctype.contact.contact.contact_query",
				filters: { link_doctype: "Customer", link_name: frm.doc.customer },
			}));
		},
		async sales_invoice(frm) {
			if (!frm.is_new() || !frm.doc.sales_invoice) return;
			const { message } = await frappe.call({
				method: "crm_pipeline.api.get_promise_of_invoice",
				args: { invoice: frm.doc.sales_invoice },
			});
			await frm.set_value(message);
		},
		refresh(frm) {
			if (frm.is_new()) return;
			follow_up_button(frm);
			withdraw_button(frm);
		},
	});
}

function follow_up_button(frm) {
	if (!frappe.model.can_create("Sales Activity") || frm.doc.status === "Withdrawn") return;
	frm.add_custom_button(__("Follow-up"), () =>
		frappe.new_doc("Sales Activity", {
			subject: __("Ask for the payment of {0}", [frm.doc.sales_invoice]),
			status: "Planned",
			reference_doctype: frm.doctype,
			reference_name: frm.docname,
			customer: frm.doc.customer,
			contact: frm.doc.contact,
			starts_on: `${frm.doc.promised_on} 09:00:00`,
		})
	);
}

function withdraw_button(frm) {
	if (!["Open", "Broken"].includes(frm.doc.status) || !frm.perm[0]?.write) return;
	frm.add_custom_button(__("Withdraw"), () =>
		frappe.prompt(
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason") },
			async ({ reason }) => {
				await frappe.call({ method: "crm_pipeline.api.withdraw_promise", args: { name: frm.docname, reason } });
				frm.reload_doc();
			},
			__("Withdraw the Promise"),
			__("Withdraw")
		)
	);
}
