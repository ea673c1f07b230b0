"""Records into enterprises: pure functions, no storage."""
