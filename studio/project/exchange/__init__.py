"""Manuscripts in and out: docx, odt, epub, rtf, html, md, txt (no Qt, no torch)."""
