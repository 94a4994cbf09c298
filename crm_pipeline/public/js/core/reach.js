/** What was typed: somebody's number, somebody's address, or neither. */

const NUMBER = /^[+(]?[\d\s()./-]{7,}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** "phone", "email" or "" for neither. A number has seven digits at least, however it is written. */
export function kind_of(text) {
	const typed = (text || "").trim();
	if (ADDRESS.test(typed)) return "email";
	return NUMBER.test(typed) && typed.replace(/\D/g, "").length >= 7 ? "phone" : "";
}

const PART = /[^\s,;<>]+@[^\s,;<>]+\.[^\s,;<>]+/;

/** What was typed into one field for both: {phone, email_id}, each only where it is there. */
export function split_reach(text) {
	const typed = (text || "").trim();
	const [email_id] = typed.match(PART) || [];
	const phone = typed.replace(PART, " ").replace(/^[\s,;<>]+|[\s,;<>]+$/g, "");
	return { ...(phone ? { phone } : {}), ...(email_id ? { email_id } : {}) };
}
