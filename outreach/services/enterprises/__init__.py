"""The enterprise file in use: lists, search, places, targets, one firm's dossier."""
