"""Addresses of databases and clusters, as they may be shown."""

from __future__ import annotations

import re
from urllib.parse import unquote


def without_password(address: str) -> str:
    """An address as it may be shown: without what stands between `://` and the last `@`, or behind `password=`."""
    hidden = re.sub(r"(?<=://).*@", "…@", address)
    return re.sub(r"(?i)(password|pwd|sslpassword)=[^&\s]*", r"\1=…", hidden)


def without_secrets(message: str, address: str) -> str:
    """What somebody else says of an address, without the password and what stands around it."""
    said = message.replace(address, without_password(address))
    secrets = re.findall(r"://([^/]*?):(.*)@", address) + re.findall(r"(?i)(password)=([^&\s]*)", address)
    for secret in {text for _, found in secrets for text in (found, unquote(found)) if text}:
        said = said.replace(secret, "…")
    return said
