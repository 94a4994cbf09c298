/** Whom a mail from a document of the chain goes to. */

/** Addresses of a document's people, each once: its own, the chosen contact's, then those of the others. */
export function recipients_of(doc) {
	const contacts = doc.contacts || [];
	const chosen = contacts.filter(({ contact }) => contact && contact === doc.contact_person);
	const found = [doc.email_id, ...[...chosen, ...contacts].map(({ email_id }) => email_id)];
	const known = new Map();
	for (const address of found.map((text) => (text || "").trim()).filter(Boolean)) {
		if (!known.has(address.toLowerCase())) known.set(address.toLowerCase(), address);
	}
	return [...known.values()];
}
