"""Functions of the database that the query builder has no common form for."""

from pypika.terms import CustomFunction

Year = CustomFunction("YEAR", ["date"])
Month = CustomFunction("MONTH", ["date"])
# Seconds since 1970; differences of two are what counts.
UnixTime = CustomFunction("UNIX_TIMESTAMP", ["at"])
# Days from the second date to the first.
DateDiff = CustomFunction("DATEDIFF", ["later", "earlier"])
# The day of a moment.
Date = CustomFunction("DATE", ["at"])
# Where a part begins in a text, from 1; 0 where it is not. LIKE in a selected column breaks on its percent signs.
InString = CustomFunction("INSTR", ["text", "part"])
