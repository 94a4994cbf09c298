/** What was typed: somebody's number, somebody's address, or neither. */

const NUMBER = /^[+(]?[\d\s()./-]{7,}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** "phone", "email" or "" for neither. A number has seven digits at least, however it is written. */
export function kind_of(text) {
	const typed = (text || "").trim();
	if (ADDRESS.test(typed)) return "email";
	return NUMBER.test(typed) && typed.replace(/\D/g, "").length >= 7 ? "phone" : "";
}
