/** The browser knows the names of few users: others are asked for, once. */
export async function learn_names(users) {
	const known = frappe.boot.user_info;
	const unknown = [...new Set(users)].filter((user) => user && !known[user]);
	if (!unknown.length) return false;
	const answer = await frappe.call("frappe.desk.form.load.get_user_info_for_viewers", { users: unknown });
	for (const user of unknown) known[user] = answer.message?.[user] || { fullname: user, name: user };
	return true;
}
