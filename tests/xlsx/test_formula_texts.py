"""The texts of formulas, by their cells."""

from __future__ import annotations

from refundbook.xlsx.reading.byte_scan import formula_texts

SHEET = b"""<worksheet><sheetData><row r="2"><c r="A2" s="1"><v>1</v></c><c s="2" r="B2" t="str"><f>IF(A2&gt;1,&quot;\xc3\xbc&#33;&quot;,"")</f><v>x</v></c>
<c r="C2"><!-- <f>no</f> --><f t="shared" ref="C2:C4" si="0">A2*2</f><v>2</v></c></row><row r="3"><c r="C3"><f t="shared" si="0"/></c><c r="D3"><f/></c>
<c r="E3"> <f t="array" ref="E3">SUM(A2:A3)</f></c></row><row><c><f>A1</f></c><c r="F4"><f t="shared" si="9"/></c></row></sheetData></worksheet>"""

TEXTS = {(2, 2): 'IF(A2>1,"\u00fc!","")', (2, 3): "A2*2", (3, 3): "A2*2", (3, 5): "SUM(A2:A3)"}


def test_each_formula_has_its_text_and_a_shared_one_that_of_where_it_was_typed() -> None:
    assert formula_texts(SHEET) == TEXTS


def test_whatever_prefix_the_elements_have() -> None:
    prefixed = SHEET.replace(b"</", b"</x:").replace(b"<w", b"<x:w")
    for name in (b"sheetData", b"row", b"c", b"f", b"v"):
        for after in (b" ", b">", b"/"):
            prefixed = prefixed.replace(b"<" + name + after, b"<x:" + name + after)
    assert formula_texts(prefixed) == TEXTS


def test_one_that_is_longer_than_any_is_left_out() -> None:
    assert formula_texts(SHEET.replace(b"A2*2", b"A2*2" + b"+1" * 5_000)) == {
        place: text for place, text in TEXTS.items() if text != "A2*2"
    }
