import { escaped } from "./html";

/** POST to a function of api/; answers its message. Rejects after Frappe has shown the error. */
export async function call(method, args = {}, options = {}) {
	const answer = await frappe.call({ method: `crm_pipeline.api.${method}`, args, freeze: true, ...options });
	return answer.message;
}

/** GET a reading function of api/, without freezing the screen. */
export function read(method, args = {}) {
	return call(method, args, { type: "GET", freeze: false });
}

/**
 * Have the server change something, then show what came of it: the new document opens, or the form is
 * read again. Saves unsaved changes of the form first. Answers whether it worked; the server's message
 * has been shown otherwise, and a dialog that was passed in stays open.
 */
export async function act(frm, method, args = {}, { dialog, message, open = true } = {}) {
	let made;
	try {
		if (frm.is_dirty()) await frm.save();
		made = await call(method, args);
	} catch {
		return false;
	}
	dialog?.hide();
	await frm.reload_doc();
	if (message) frappe.show_alert({ message, indicator: "green" });
	if (open && made?.doctype) frappe.set_route("Form", made.doctype, made.name);
	return true;
}

/** A dialog (with further `options` of Frappe's) whose button does `submit(values, dialog)`. Answers the dialog, shown. */
export function ask(title, fields, label, submit, options = {}) {
	const dialog = new frappe.ui.Dialog({
		...options,
		title: escaped(title),
		fields,
		primary_action_label: label,
		async primary_action(values) {
			const button = dialog.get_primary_btn().prop("disabled", true);
			await submit(values, dialog);
			button.prop("disabled", false);
		},
	});
	dialog.show();
	return dialog;
}
