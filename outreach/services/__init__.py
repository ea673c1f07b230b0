"""Use cases: load, decide, save. Rights and masking are decided here."""
