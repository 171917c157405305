"""Concrete scripts become templates, and come back byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InvalidInputError
from services.pilot.scripts.extraction import extract, restored
from services.pilot.scripts.param_block import asked_words
from services.pilot.scripts.placeholders import problems_of
from services.pilot.scripts.rendering import render
from services.pilot.scripts.types import Language, ParameterType

POWERSHELL = r"""# Fix the mailbox of alice@acme.com
param(
    [Parameter(Mandatory)][string]$Mailbox = "alice@acme.com",
    [ValidateSet("Full","ReadOnly")]
    [string]$Access = 'Full',
    [int]$Days = 30
)
$AdminPassword = "S3cr3t!Pa55w0rd"
$cred = New-Object PSCredential("ACME\admin", (ConvertTo-SecureString 'Hunter2!x9' -AsPlainText -Force))
Add-MailboxPermission -Identity $Mailbox -User bob@acme.com -AccessRights FullAccess
Get-Service -ComputerName SRV-PRINT01 -Name Spooler | Restart-Service
Invoke-Command -ComputerName dc01.acme.local { Get-Item "\\fs01\share\$user\x" }
$log = @"
For alice@acme.com on dc01.acme.local `$5
"@
foreach ($i in 1..3) { Write-Host "Backup to C:\Users\alice\Desktop done by ACME\admin" }
"""
BASH = r"""#!/bin/bash
# restart printing on print01.acme.local
HOST=print01.acme.local
USER_NAME="alice"
BACKUP_DIR='/srv/backup/alice'
API_TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789
RETRIES=3
for i in 1 2 3; do
  ssh admin@print01.acme.local "systemctl restart cups" && break
done
curl -u admin:Sup3rS3cret! "https://dc01.acme.local/api?user=$USER_NAME"
cat <<EOF > /tmp/report.txt
Report for bob@acme.com at print01.acme.local: $RETRIES
EOF
rsync -a "/home/alice/docs/" /srv/backup/alice/
if [[ "$HOST" == "x" ]]; then echo "it's" $((1+2)) `date`; fi
"""
PYTHON = r'''"""Reset things for alice@acme.com."""
import os, requests
SERVER = "dc01.acme.local"
USER = 'alice'
DAYS = 30
DRY_RUN = True
PASSWORD = "Tr0ub4dor&3xyz"
def main():
    path = r"C:\Users\alice\AppData"
    requests.post(f"https://{SERVER}/users/bob@acme.com/reset", timeout=DAYS)
    print("done for bob@acme.com", {"host": "10.1.2.3"}, b"raw@acme.com")
main()
'''
SCRIPTS = {Language.POWERSHELL: POWERSHELL, Language.BASH: BASH, Language.PYTHON: PYTHON}
SECRETS = (
    "S3cr3t!Pa55w0rd",
    "Hunter2!x9",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "Sup3rS3cret!",
    "Tr0ub4dor&3xyz",
)


@pytest.mark.requirement("FLP-5.2")
@pytest.mark.parametrize("language", Language)
def test_a_template_with_the_original_values_is_the_original_script(language: Language) -> None:
    made = extract(language, SCRIPTS[language])
    assert restored(made) == SCRIPTS[language]
    assert problems_of(language, made.body, made.parameters) == []
    stored = made.body + repr(made) + repr([parameter.to_json() for parameter in made.parameters])
    assert not [secret for secret in SECRETS if secret in stored]
    references = {each.name: "secret:one" for each in made.parameters if each.is_secret}
    script = render(language, made.body, made.parameters, {**made.values, **references})
    assert not [secret for secret in SECRETS if secret in script]


@pytest.mark.requirement("FLP-5.2")
def test_parameters_have_the_types_and_names_that_the_script_tells() -> None:
    found = {
        language: {each.name: each.type.value for each in extract(language, script).parameters}
        for language, script in SCRIPTS.items()
    }
    assert found[Language.POWERSHELL] == {
        "mailbox": "email",
        "access": "choice",
        "days": "number",
        "admin_password": "secret",
        "user": "user",
        "password": "secret",
        "user_2": "email",
        "computer_name": "host",
        "service": "text",
        "computer_name_2": "host",
        "path": "path",
        "path_2": "path",
    }
    assert found[Language.BASH] == {
        "host": "host",
        "user_name": "user",
        "backup_dir": "path",
        "api_token": "secret",
        "retries": "number",
        "password": "secret",
        "host_2": "host",
        "path": "path",
        "email": "email",
        "path_2": "path",
        "path_3": "path",
    }
    assert found[Language.PYTHON] == {
        "email": "email",
        "server": "host",
        "user": "user",
        "days": "number",
        "dry_run": "boolean",
        "password": "secret",
        "path": "path",
        "email_2": "email",
        "host": "host",
    }


OWN = r"""<# Turn on the archive #>
[CmdletBinding()]
param([Parameter(Mandatory)][string]$Mailbox, [int]$Days = 30, [int]$Keep = 30, [switch]$Force,
  [ValidateSet('Full', 'Brief')][string]$Mode = 'Full', [bool]$Deep = $false, [int]$Zero = 0,
  [string]$Server = 'localhost', [Parameter(Position = 2)]$When = (Get-Date))
Enable-Mailbox -Identity $Mailbox -Archive
"""


@pytest.mark.requirement("FLP-5.2")
def test_what_a_script_takes_itself_are_parameters_or_is_named() -> None:
    found = extract(Language.POWERSHELL, OWN)
    assert restored(found) == OWN
    assert render(Language.POWERSHELL, found.body, found.parameters, {**found.values}) == OWN
    assert {each.name: (each.type.value, each.default) for each in found.parameters} == {
        "days": ("number", "30"),
        "keep": ("number", "30"),
        "mode": ("choice", "Full"),
        "deep": ("boolean", "false"),
        "zero": ("number", "0"),
        "server": ("host", ""),
    }
    said = "The script asks for -Mailbox when it is run. It also takes -Force, which may be left out."
    assert asked_words(Language.POWERSHELL, found.body) == said
    assert asked_words(Language.POWERSHELL, "Get-Item x\nfunction f { param($x) $x }") == ""
    block = "using namespace System.IO\n[CmdletBinding()]\nparam\n("
    block += "[Parameter(Mandatory=$false)] $A, [Parameter(Mandatory)] ${B} = 3)"
    said = "The script asks for -B when it is run. It also takes -A, which may be left out."
    assert asked_words(Language.POWERSHELL, block) == said


def test_switches_and_processes_are_no_parameters() -> None:
    script = (
        "Stop-Process -Name OneDrive -Force\nGet-Process 'OneDrive'\n"
        '& "$env:LOCALAPPDATA\\Microsoft\\OneDrive\\OneDrive.exe" /reset\nRestart-Service -Name Spooler -Path /data'
    )
    assert extract(Language.POWERSHELL, script).values == {"service": "Spooler", "path": "/data"}


@pytest.mark.parametrize(
    ("script", "values"),
    [
        ('note = """say "hi"."""\n', {"note": 'say "hi".'}),
        ('note = """it says "x\\""""\n', {"note": 'it says "x"'}),
        ('note = """it says \\"x\\" to print01.acme.local"""\n', {"host": "print01.acme.local"}),
        ('note = """\\x41 and print01.acme.local"""\n', {"host": "print01.acme.local"}),
        (f'note = """{"x " * 1500}print01.acme.local"""\n', {"host": "print01.acme.local"}),
    ],
)
def test_of_a_text_in_triple_quotes_the_whole_or_what_stands_in_it_is_a_parameter(
    script: str, values: dict[str, str]
) -> None:
    extraction = extract(Language.PYTHON, script)
    assert restored(extraction) == script
    assert sorted(extraction.values.values()) == sorted(values.values())


@pytest.mark.parametrize(
    ("language", "script"),
    [
        (Language.BASH, "export DB_PASSWORD='pa$$w0rd9'\nmysql -u root -pHunter2x9 db\n"),
        (Language.BASH, "echo 'Pa55word9x' | passwd --stdin bob\nnet user bob Summer2026! /add\n"),
        (Language.BASH, "# the password is Winter-2026x!\nls\n"),
        (Language.POWERSHELL, '$c = "Server=x;Password=Winter-2026x!;User=$u"\n'),
        (Language.POWERSHELL, "net user bob Summer2026! /add\nSet-X -ApiKey Winter2026x -Y 1\n"),
        (Language.POWERSHELL, '$password = @"\nWinter-2026x!\n"@\n'),
        (Language.POWERSHELL, '\ufeffConvertTo-SecureString "Winter-2026x!" -AsPlainText -Force\n'),
        (Language.POWERSHELL, "# ConvertTo-SecureString 'Winter-2026x!' -AsPlainText\n"),
        (Language.PYTHON, "connect('db', password='Winter-2026x!', token=f'Summer{x}2026-')\n"),
    ],
)
@pytest.mark.requirement("FLP-5.2")
def test_secrets_never_stay_in_a_template(language: Language, script: str) -> None:
    made = extract(language, script)
    assert restored(made) == script
    for secret in ("pa$$w0rd9", "Hunter2x9", "Pa55word9x", "Summer2026!", "Winter-2026x!", "Winter2026x"):
        assert secret not in made.body


@pytest.mark.parametrize(
    "script",
    ["cat <<'EOF'\npassword: Winter-2026x!\nEOF\n", "echo ${X:-ghp_abcdefghijklmnopqrstuvwxyz0123456789}"],
)
def test_a_secret_that_nothing_can_replace_is_refused(script: str) -> None:
    with pytest.raises(InvalidInputError, match=r"line \d"):
        extract(Language.BASH, script)


BREAKERS = (
    *("'", '"', "`", "$(", ")", "\\", "{{mailbox}}", "{{x}}", "@'\n", '@"\n', "<<EOF\n", "#", "'''", 'f"'),
    *("{", "}", "\u2019", "${", "((", "\u201d", "\t", " "),
)


FRAGMENTS = {
    Language.POWERSHELL: (
        "Get-ADUser -Identity 'ana.ruiz' `\n    -Server \"dc01.acme.local\" `\n    -Properties *\n",
        "param(\n    [string]$Host = 'srv01.acme.local',\n    [switch]$Force\n)\n",
        "$text = @'\nFor ana@acme.com it''s $x `n\n'@\n",
        '$h = @{\n  Path = "C:\\Data\\ana"\n  Note = @"\nOn srv01.acme.local `"now`" $($y.Name)\n"@\n}\n',
    ),
    Language.BASH: (
        'cat <<-EOF | tee -a "/srv/ana/log"\n\tFor ana@acme.com \\$x\n\tEOF\n',
        "cat <<A <<'B'\nsrv01.acme.local\nA\nsrv01.acme.local\nB\n",
        "X=\"a\"'srv01.acme.local'b; echo it\\'s $'tab\\tsrv01.acme.local'\n",
        "curl --user-agent 'ana' \\\n  \"https://srv01.acme.local/x?a=1&b=2\"\n",
    ),
    Language.PYTHON: (
        'print(f"{SERVER} ana@acme.com {x!r:>{w}}")\n',
        "print('''For ana@acme.com\n\"quoted\" it's\n''')\n",
        'm = f"""{SERVER}\nana@acme.com {{\'a\'}}"""\n',
        "p = rf\"{base}\\\\srv01\" + ('srv01.acme.local'\n    'ana@acme.com')\n",
    ),
}


@pytest.mark.parametrize("language", Language)
@given(data=st.data())
@settings(max_examples=40)
def test_whatever_a_script_looks_like_it_comes_back(language: Language, data: st.DataObject) -> None:
    lines = [f"{line}\n" for line in SCRIPTS[language].splitlines()]
    script = "".join(data.draw(st.lists(st.sampled_from([*lines, *FRAGMENTS[language], *BREAKERS]), max_size=9)))
    try:
        made = extract(language, script)
    except InvalidInputError:
        return
    assert restored(made) == script
    assert all(made.values.values())
    assert all(each.type is not ParameterType.SECRET for each in made.parameters if each.name in made.values)


@pytest.mark.requirement("FLP-5.2")
@pytest.mark.parametrize("language", Language)
@given(data=st.data())
@settings(max_examples=25)
def test_a_form_that_is_sent_as_it_was_found_writes_the_script_that_it_came_from(
    language: Language, data: st.DataObject
) -> None:
    script = "".join(data.draw(st.lists(st.sampled_from(FRAGMENTS[language]), min_size=1, max_size=5)))
    made = extract(language, script)
    assert made.values
    assert render(language, made.body, made.parameters, made.values) == script
