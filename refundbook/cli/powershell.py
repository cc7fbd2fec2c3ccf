"""PowerShell asks for what to offer when Tab is pressed; Click asks only bash, zsh and fish."""

from __future__ import annotations

import os
import re

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from refundbook.cli.names import POWERSHELL

_SCRIPT = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $cursor)
    $env:%(complete_var)s = 'powershell_complete'
    $env:COMP_WORDS = ($line.CommandElements | ForEach-Object { $_.Extent.Text }) -join "`n"
    $env:COMP_CWORD = $word
    try {
        %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CWORD
    }
}
"""


class PowerShellComplete(ShellComplete):
    """The words that were typed stand on lines of `COMP_WORDS`, the one that is being typed in `COMP_CWORD`."""

    name = POWERSHELL
    source_template = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        words = [_unquoted(word) for word in os.environ.get("COMP_WORDS", "").split("\n")[1:]]
        incomplete = _unquoted(os.environ.get("COMP_CWORD", ""))
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        # What it shows as help must not be empty.
        return f"{item.value}\t{item.help or item.value}"


def quoted(value: str) -> str:
    """A value as PowerShell takes it for one word (about_Quoting_Rules)."""
    return value if re.fullmatch(r"[\w.:/\\+-]+", value) else "'" + value.replace("'", "''") + "'"


def _unquoted(word: str) -> str:
    if word[:1] == "'":
        return word[1:].removesuffix("'").replace("''", "'")
    return word[1:].removesuffix('"').replace('`"', '"') if word[:1] == '"' else word


def offer() -> None:
    """Have Click answer PowerShell, too."""
    add_completion_class(PowerShellComplete)
