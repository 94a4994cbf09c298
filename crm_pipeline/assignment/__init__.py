"""Who gets a lead: rules in order, a rehearsal, time limits of the first answer."""
