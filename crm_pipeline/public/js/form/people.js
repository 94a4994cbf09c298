/** People by their names, where the framework shows the address that they log in with. */

/** As the server sent it with the document, else as the browser knows it; never "You". */
function full_name(user) {
	return user ? frappe.utils.get_link_title("User", user) || frappe.user_info(user).fullname || user : "";
}

const is_link = (df, target) => df?.fieldtype === "Link" && df.options === target;
const is_person = (df) => is_link(df, "User");

/** Links to users of a form or dialog {fields_dict} show names; what is stored and searched stays as it is. */
export function name_people({ fields_dict }) {
	for (const field of Object.values(fields_dict)) {
		if (is_link(field.df, "DocType")) translate(field);
		if (!is_person(field.df)) continue;
		field.df.formatter = (value) => full_name(value);
		if (!field.is_title_link) continue;
		show_name(field);
		if (field.value) field.set_formatted_input?.(field.value);
	}
}

function show_name(field) {
	if (field.crm_named) return;
	field.crm_named = true;
	field.is_title_link = () => true;
	const { set_link_title } = field;
	field.set_link_title = function (value) {
		frappe.utils.add_link_title("User", value, full_name(value));
		return set_link_title.call(this, value);
	};
}

/** A type of document in the reader's language, also where it is only shown. */
function translate(field) {
	field.df.formatter ||= (value) => frappe.utils.escape_html(__(value || ""));
	if (field.value && field.disp_area) field.set_disp_area?.(field.value);
}

/** The cells of the tables of a form, before there are any. */
function name_in_rows(frm) {
	for (const { options } of frm.meta.fields.filter(({ fieldtype }) => frappe.model.table_fields.includes(fieldtype))) {
		for (const df of frappe.get_meta(options)?.fields || []) {
			if (is_person(df)) df.formatter ||= (value) => frappe.utils.escape_html(full_name(value));
			if (is_link(df, "DocType")) df.formatter ||= (value) => frappe.utils.escape_html(__(value || ""));
			const kept = frappe.meta.docfield_map[options]?.[df.fieldname];
			if (kept && df.formatter) kept.formatter ||= df.formatter;
		}
	}
}

/** People and types of documents in a form of ours. */
export function names_in_form(doctype) {
	frappe.ui.form.on(doctype, { setup: name_in_rows, refresh: name_people });
}
