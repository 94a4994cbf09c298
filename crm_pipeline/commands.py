"""Commands of the app for `bench --site SITE ...`. Imported by every bench call, so nothing heavy up here."""

import sys

import click
from frappe.commands import get_site, pass_context


@click.command("load-crm-export")
@click.argument("folder")
@click.option("--company", required=True, help="Company of the opportunities.")
@click.option("--mapping", required=True, help="JSON file that says which file and column is what.")
@click.option("--rejects", help="Folder for the files with rejected rows; the export's own folder by default.")
@click.option("--source", default="", help="System that the ids are of; the same id of another source is another deal.")
@click.option("--dry-run", is_flag=True, help="Check everything and print counts and rejects; write nothing.")
@pass_context
def load_crm_export(context, folder, company, mapping, rejects=None, dry_run=False, source=""):
	"""Load opportunities, accounts, products and agents from CSV files.

	FOLDER holds the files that the mapping names. Relative paths count from the sites folder of the bench.
	Run it again after an interruption: what was stored is not stored twice.
	"""
	import frappe

	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		frappe.set_user("Administrator")
		ok = _load(folder, company, mapping, rejects, dry_run, source)
	finally:
		frappe.destroy()
	sys.exit(0 if ok else 1)


def _load(folder, company, mapping, rejects, dry_run, source) -> bool:
	"""Load and print; answers whether file and site agree."""
	import frappe

	from crm_pipeline.importer import afterwards
	from crm_pipeline.importer import report as lines
	from crm_pipeline.importer.load import load
	from crm_pipeline.importer.mapping import InputError
	from crm_pipeline.wording import text_of

	try:
		report = load(folder, company, mapping, rejects, dry_run, progress=_progress, source=source)
	except (InputError, frappe.ValidationError) as error:
		raise click.ClickException(text_of(str(error))) from None
	except KeyboardInterrupt:
		raise click.ClickException("interrupted; run the same command again to go on") from None
	for file, columns in report.unmapped.items():
		if columns:
			click.echo(f"Columns of {file} that are not loaded: {', '.join(columns)}")
	_echo(lines.reject_lines(report.rejects))
	if dry_run:
		for table, count in report.masters.items():
			click.echo(f"Usable {table}: {count}")
		_echo(lines.file_lines(report.file))
		if report.already:
			click.secho(f"Opportunities that are there already and stay as they are: {report.already:,}", fg="yellow")
		click.secho("\nNothing was written.", fg="yellow")
		return True
	afterwards.follow(report)
	_echo(lines.comparison_lines(report.comparisons))
	made = ", ".join(f"{count} {table}" for table, count in report.made.items())
	click.echo(f"\nNew: {made}" if made else "")
	click.echo(
		f"Opportunities: {report.loaded:,} loaded, {report.already:,} already there, {report.unnamed:,} without account"
	)
	_echo(lines.row_lines(report.lines))
	_verdict(report)
	return report.adds_up and (report.equal or bool(report.already))


def _verdict(report) -> None:
	"""One line that says whether all is well."""
	if not report.adds_up:
		click.secho("Rows of a file are neither stored nor rejected.", fg="red")
	elif not report.equal and report.already:
		click.secho("Some differ: opportunities that were there already may have been changed since.", fg="yellow")
	elif not report.equal:
		click.secho("Counts or values of file and site differ.", fg="red")
	elif report.rejects.count:
		click.secho(
			f"Counts and values of the accepted rows are equal; {report.rejects.count:,} rows were rejected.",
			fg="yellow",
		)
	elif report.already:
		click.secho(f"Counts and values are equal; {report.already:,} opportunities were there already.", fg="yellow")
	else:
		click.secho("Counts and values of file and site are equal.", fg="green")


def _echo(lines) -> None:
	for line in lines:
		click.echo(line)


def _progress(text: str, done: int, total: int) -> None:
	from frappe.utils import update_progress_bar

	update_progress_bar(text, done - 1, total)
	if done >= total:
		click.echo()


commands = [load_crm_export]
