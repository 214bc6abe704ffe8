"""The data sets of section 3."""
