"""Received files into records: one TOML spec per source, read strictly."""
