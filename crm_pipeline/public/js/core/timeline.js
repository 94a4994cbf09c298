/** Which entries of a timeline are shown: [{kind, at, row}], the latest first. */

export const KINDS = ["Activity", "Mail", "Comment", "Move", "Document", "Memo"];

/** The kinds that there are, in their order, with how many of each: [[kind, count]]. */
export function kinds_of(entries) {
	return KINDS.map((kind) => [kind, entries.filter((entry) => entry.kind === kind).length]).filter(([, count]) => count);
}

/** {shown, more}: the entries of a kind ("" for all), at most `limit`; memos that are kept on top come first. */
export function picked(entries, kind, limit) {
	const wanted = entries.filter((entry) => !kind || entry.kind === kind);
	const on_top = wanted.filter(({ row }) => row.pinned);
	const all = [...on_top, ...wanted.filter((entry) => !on_top.includes(entry))];
	return { shown: all.slice(0, limit), more: Math.max(all.length - limit, 0) };
}
