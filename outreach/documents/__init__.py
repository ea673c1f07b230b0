"""Papers out: one arrangement of texts, written as a Word, PDF or workbook file."""
