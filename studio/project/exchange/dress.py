"""Gives a written docx or odt the looks of our two styles: the model's words coloured, scene breaks centred."""

import io
import re
import zipfile
from collections.abc import Callable

from studio.media.manuscript.gather import MODEL_STYLE
from studio.project.exchange.compose import BREAK_STYLE

MODEL_COLOUR = "2F6F9F"
_DOCX_STYLES, _ODT_STYLES, _ODT_CONTENT = "word/styles.xml", "styles.xml", "content.xml"


def dressed_docx(data: bytes) -> bytes:
    """The document with its two styles completed."""
    return _rewritten(data, {_DOCX_STYLES: _docx_styles})


def dressed_odt(data: bytes) -> bytes:
    """The document with its two styles defined (pandoc only names them)."""
    return _rewritten(data, {_ODT_STYLES: _odt_styles, _ODT_CONTENT: _odt_names})


def _docx_styles(xml: str) -> str:
    xml = _in_docx_style(xml, MODEL_STYLE, f'<w:rPr><w:color w:val="{MODEL_COLOUR}"/></w:rPr>')
    return _in_docx_style(xml, BREAK_STYLE, '<w:pPr><w:jc w:val="center"/></w:pPr>')


def _in_docx_style(xml: str, name: str, looks: str) -> str:
    pattern = rf'(<w:style [^>]*>\s*<w:name w:val="{name}"\s*/>(?:(?!</w:style>).)*?)(</w:style>)'
    return re.sub(pattern, rf"\1{looks}\2", xml, count=1, flags=re.DOTALL)


def _odt_styles(xml: str) -> str:
    model, scene_break = _encoded(MODEL_STYLE), _encoded(BREAK_STYLE)
    styles = (
        f'<style:style style:name="{model}" style:display-name="{MODEL_STYLE}" style:family="text">'
        f'<style:text-properties fo:color="#{MODEL_COLOUR}"/></style:style>'
        f'<style:style style:name="{scene_break}" style:display-name="{BREAK_STYLE}"'
        ' style:family="paragraph" style:parent-style-name="Text_20_body">'
        '<style:paragraph-properties fo:text-align="center"/></style:style>'
    )
    return xml.replace("</office:styles>", styles + "</office:styles>", 1)


def _odt_names(xml: str) -> str:
    for name in (MODEL_STYLE, BREAK_STYLE):
        xml = xml.replace(f'text:style-name="{name}"', f'text:style-name="{_encoded(name)}"')
    return xml


def _encoded(name: str) -> str:
    """A style's name as OpenDocument writes it."""
    return name.replace(" ", "_20_")


def _rewritten(data: bytes, changes: dict[str, Callable[[str], str]]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for entry in archive.infolist():  # in their order: an odt's type must come first, unpacked
            part = archive.read(entry.filename)
            if entry.filename in changes:
                part = changes[entry.filename](part.decode()).encode()
            written.writestr(entry, part)
    return target.getvalue()
