"""The life of a lead on a site."""
