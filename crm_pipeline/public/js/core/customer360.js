/** What the page of a customer decides without a browser: which rows stand together, which kinds are on, which months there are. */

/** Rows of a timeline under the day that they are of: [{day, rows}], in the order in which they came. */
export function by_day(rows) {
	const days = [];
	for (const row of rows) {
		const day = String(row.at).slice(0, 10);
		if (!days.length || days[days.length - 1].day !== day) days.push({ day, rows: [] });
		days[days.length - 1].rows.push(row);
	}
	return days;
}

/** The kinds that are on before anybody chose. */
export function first_kinds(kinds) {
	return kinds.filter(({ shown }) => shown).map(({ key }) => key);
}

/** The kinds that are on after one, or a whole group, was clicked: a group that is on as a whole goes off. */
export function turned(kinds, on, { key, group }) {
	const keys = kinds.filter((kind) => (group ? kind.group === group : kind.key === key)).map((kind) => kind.key);
	const off = keys.every((each) => on.includes(each));
	return kinds.map((kind) => kind.key).filter((each) => (keys.includes(each) ? !off : on.includes(each)));
}

/** Kinds by group, in the order of the kinds: [{group, kinds}]. */
export function groups_of(kinds) {
	const groups = [];
	for (const kind of kinds) {
		const found = groups.find(({ group }) => group === kind.group);
		if (found) found.kinds.push(kind);
		else groups.push({ group: kind.group, kinds: [kind] });
	}
	return groups;
}

/** "2026-05" to "2026-07" as every month between them, both included; at most 36, the last ones. */
export function months(first, last) {
	const number = (month) => 12 * Number(month.slice(0, 4)) + Number(month.slice(5, 7)) - 1;
	const text = (value) => `${Math.floor(value / 12)}-${String((value % 12) + 1).padStart(2, "0")}`;
	const from = Math.max(number(first), number(last) - 35);
	return Array.from({ length: Math.max(0, number(last) - from + 1) }, (_, place) => text(from + place));
}

/** What several companies come to, by currency: sums of different currencies are no number. [{currency, ...sums}] */
export function by_currency(rows, fields) {
	const found = [];
	for (const row of rows || []) {
		let sum = found.find(({ currency }) => currency === row.currency);
		if (!sum) found.push((sum = { currency: row.currency, documents: 0, ...Object.fromEntries(fields.map((field) => [field, 0])) }));
		sum.documents += row.documents || 0;
		for (const field of fields) sum[field] += row[field] || 0;
	}
	return found;
}

/** The parts of what is due by age, added up by place: [{currency, not_due, buckets}]. */
export function ages_by_currency(rows) {
	const found = [];
	for (const row of rows || []) {
		let sum = found.find(({ currency }) => currency === row.currency);
		if (!sum) found.push((sum = { currency: row.currency, not_due: 0, past_due: 0, outstanding: 0, buckets: row.buckets.map(() => 0) }));
		for (const field of ["not_due", "past_due", "outstanding"]) sum[field] += row[field];
		sum.buckets = sum.buckets.map((amount, place) => amount + row.buckets[place]);
	}
	return found;
}
