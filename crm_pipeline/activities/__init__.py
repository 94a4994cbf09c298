"""Activities of any kind with anybody: logged, planned, reminded of, in calendars."""
