"""Manuscripts read: docx, odt, epub, rtf, html, md and txt into chapters and scenes, with their authors."""
