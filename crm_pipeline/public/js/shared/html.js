const FORBIDDEN = "script, style, iframe, object, embed, form, link, meta, base, svg, math, template, noscript";

/** Text made safe for HTML. */
export function escaped(text) {
	return frappe.utils.escape_html(String(text ?? ""));
}

/** Rich text as a user wrote it, without anything that could run. The server has cleaned it already. */
export function safe_html(html) {
	const page = new DOMParser().parseFromString(html || "", "text/html");
	page.querySelectorAll(FORBIDDEN).forEach((element) => element.remove());
	for (const element of page.body.querySelectorAll("*")) {
		for (const { name, value } of [...element.attributes]) {
			// A browser passes over white space and control characters in an address.
			const address = value.replace(/[\u0000-\u0020\u007f-\u009f]/g, "");
			const picture = name === "src" && /^data:image\//i.test(address);
			const runs = name.startsWith("on") || name === "srcdoc" || /^(javascript|data|vbscript):/i.test(address);
			if (runs && !picture) element.removeAttribute(name);
		}
	}
	return page.body.innerHTML;
}

/** A link to a document's form, showing its title or its name. */
export function doc_link(doctype, name, title) {
	const href = frappe.utils.get_form_link(doctype, name);
	return `<a href="${escaped(href)}" title="${escaped(name)}">${escaped(title || name)}</a>`;
}

/** A date, or a date and time to the minute, in the user's own format. */
export function date_text(value) {
	return value ? frappe.datetime.str_to_user(value).replace(/(\d\d:\d\d):\d\d$/, "$1") : "";
}

/** A small coloured word for a state. */
export function pill(text, colour) {
	return `<span class="indicator-pill no-indicator-dot ${colour}">${escaped(text)}</span>`;
}
