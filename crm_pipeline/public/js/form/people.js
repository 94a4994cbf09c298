/** People by their names, where the framework shows the address that they log in with. */

/** As the server sent it with the document, else as the browser knows it; never "You". */
function full_name(user) {
	return user ? frappe.utils.get_link_title("User", user) || frappe.user_info(user).fullname || user : "";
}

/** Links to users of a form or dialog {fields_dict} show names; what is stored and searched stays as it is. */
export function name_people({ fields_dict }) {
	for (const field of Object.values(fields_dict)) {
		if (field.df?.fieldtype !== "Link" || field.df.options !== "User") continue;
		field.df.formatter = (value) => full_name(value);
		if (!field.is_title_link) continue;
		field.is_title_link = () => true;
		const { set_link_title } = field;
		field.set_link_title = function (value) {
			frappe.utils.add_link_title("User", value, full_name(value));
			return set_link_title.call(this, value);
		};
		if (field.value) field.set_formatted_input?.(field.value);
	}
}
