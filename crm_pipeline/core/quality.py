"""What is wrong with the data of a party or person: missing, unreachable, outdated, doubled."""

import re
from dataclasses import dataclass
from datetime import date

from crm_pipeline.core.normal import is_valid_phone

NO_CONTACT, NO_REACH, INCOMPLETE = "No Contact", "No E-mail or Phone", "Incomplete"
BAD_EMAIL, BAD_PHONE, BOUNCED = "Invalid E-mail", "Invalid Phone", "Bounced"
OUTDATED, DOUBLED = "Outdated", "Doubled"

# Kinds in the order in which they are worked off, by what is wrong.
MISSING = (NO_CONTACT, NO_REACH, INCOMPLETE)
UNREACHABLE = (BOUNCED, BAD_EMAIL, BAD_PHONE)
GROUPS = {"Unreachable": UNREACHABLE, "Missing": MISSING, "Doubled": (DOUBLED,), "Outdated": (OUTDATED,)}
KINDS = tuple(kind for kinds in GROUPS.values() for kind in kinds)

ADDRESS = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+$")


@dataclass(frozen=True)
class Record:
	"""What is known. `contacts` is None where that question makes no sense, `empty` the labels of fields that should be
	filled, `last` the last day on which somebody was in touch or changed it, `doubles` how many pairs wait for an answer."""

	emails: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()
	country: str = ""
	contacts: int | None = None
	empty: tuple[str, ...] = ()
	bounced: tuple[str, ...] = ()
	last: date | None = None
	doubles: int = 0


def faults(record: Record, today: date, stale_days: int) -> list[tuple[str, str]]:
	"""[(kind, what exactly)], in the order of KINDS."""
	emails = [email.strip() for email in record.emails if email.strip()]
	phones = [phone.strip() for phone in record.phones if phone.strip()]
	bounced = {email.casefold() for email in record.bounced}
	found = [(BOUNCED, email) for email in emails if email.casefold() in bounced]
	found += [(BAD_EMAIL, email) for email in emails if not ADDRESS.match(email)]
	found += [(BAD_PHONE, phone) for phone in phones if not is_valid_phone(phone, record.country)]
	if record.contacts == 0:
		found.append((NO_CONTACT, ""))
	if not emails and not phones:
		found.append((NO_REACH, ""))
	if record.empty:
		found.append((INCOMPLETE, ", ".join(record.empty)))
	if record.doubles:
		found.append((DOUBLED, str(record.doubles)))
	if record.last and (today - record.last).days > stale_days:
		found.append((OUTDATED, str((today - record.last).days)))
	return found
