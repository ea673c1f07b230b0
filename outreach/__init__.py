"""The application: received files to visits, dossiers and maps."""
