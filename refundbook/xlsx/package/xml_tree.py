"""What XML says whoever wrote it, for comparing pieces of two workbooks; and a piece of one as it is written in
another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from refundbook.xlsx.package.xml_splice import MAIN, Element, escape

Meaning = tuple[object, ...]
_XML = "http://www.w3.org/XML/1998/namespace"
_FALSE, _TRUE = ("0", "false", "off"), ("1", "true", "on")


def meaning(element: Element) -> Meaning:
    """An element without what programs write or leave out as they like: prefixes, the order of attributes, those that
    say no, those and the elements of other namespaces, elements that say nothing.
    """
    stated = ((name, _plain(value)) for name, value in element.attributes.items() if "}" not in name)
    children = [meaning(child) for child in element.children if child.namespace in (MAIN, element.namespace)]
    text = element.text if not element.children else ""
    said = tuple(child for child in children if any(child[1:]))
    return element.name, tuple(sorted((name, value) for name, value in stated if value)), text, said


def _plain(value: str) -> str:
    if value in _FALSE:
        return ""
    if value in _TRUE:
        return "1"
    try:
        return f"{float(value):g}"
    except ValueError:
        return value


def as_written(element: Element) -> Mapping[str, str]:
    """An element's own attributes."""
    return element.attributes


def rendered(element: Element, prefix: bytes, attributes: Callable[[Element], Mapping[str, str]] = as_written) -> bytes:
    """An element and all below it with the prefix (and its colon) of another part, and the `attributes` of each."""
    tag = prefix + element.name.encode()
    inner = b"".join(rendered(child, prefix, attributes) for child in element.children) or escape(element.text)
    stated = b"".join(_attribute(at, name, value) for at, (name, value) in enumerate(attributes(element).items()))
    return b"<%s%s>%s</%s>" % (tag, stated, inner, tag) if inner else b"<%s%s/>" % (tag, stated)


def written(attributes: Mapping[str, str]) -> bytes:
    """The attributes that are in no namespace as they stand in a tag, each with a blank before it."""
    return b"".join(
        b' %s="%s"' % (name.encode(), escape(value, quote=True))
        for name, value in attributes.items()
        if "}" not in name
    )


def _attribute(at: int, name: str, value: str) -> bytes:
    if "}" not in name:
        return written({name: value})
    quoted = escape(value, quote=True)
    namespace, _, local = name[1:].partition("}")
    if namespace == _XML:
        return b' xml:%s="%s"' % (local.encode(), quoted)
    own = b"n%d" % at
    return b' xmlns:%s="%s" %s:%s="%s"' % (own, escape(namespace, quote=True), own, local.encode(), quoted)
