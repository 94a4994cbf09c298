"""What moves a sale along on a site: parties, ledger, stage moves, conversions, hand-off, roll-up."""
