"""Who may do what, and by which rules: accounts, the audit log, calendar, settings."""
