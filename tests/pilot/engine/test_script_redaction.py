"""Secrets leave a script's literals; its code is left byte for byte."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pilot.notes.types import REDACTED
from services.pilot.redaction import without_secrets
from services.pilot.script_redaction import script_without_secrets

LINES = {
    "powershell": (
        '$password = Read-Host "Enter the new password" -AsSecureString',
        "$PasswordPolicy2 = Get-ADDefaultDomainPasswordPolicy",
        '$tokenUrl = "https://login.microsoftonline.com/common/oauth2/v2.0/token"',
        "$cred = New-Object PSCredential('svc-backup', $pw2024)",
        "Set-ADAccountPassword -Identity jane -NewPassword $adminPassword1 # expires in 90 days",
        "Get-Secret -Name 'acme-admin' -AsPlainText",
        "$AdminPassword = '{}'",
        '$pw = ConvertTo-SecureString "{}" -AsPlainText -Force',
        "net user bob {} /add",
        'Write-Host "The password of $user is {} now"',
        "# her password is {}, says IT",
    ),
    "bash": (
        "password=$(generate_password2 --length 12)\t",
        'read -rsp "Password: " admin_password1',
        'echo "token=$TOKEN2024" | tr a-z A-Z',
        'secret_name="acme-admin"',
        "passwd -S jane2024 && chage -l jane2024",
        "export DB_PASSWORD={}",
        "curl -u admin:{} https://x.example/api",
        "cat <<EOF\npassword: {}\nEOF",
    ),
    "python": (
        'password = generate2("x1", length=12)',
        'password = os.environ["ADMIN_PASSWORD2"]',
        "api_key = config.keys.primary2",
        'p.add_argument("--password", help="The password, 12 characters at least")',
        'db = {{"password": "{}", "host": "srv1"}}',
        "db_password = '{}'",
        '    """The password is {}"""',
    ),
}
SECRET = st.sampled_from(["Hunter2294xq", "Sommer!2026kv", "Blue82Skyline!fq", "k9Rt5mZp2vWx", "Tulip74Garden31"])


@given(st.data())
@pytest.mark.parametrize("language", sorted(LINES))
def test_only_what_is_secret_of_a_literal_goes(language: str, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(LINES[language]), min_size=1, max_size=6))
    ending = data.draw(st.sampled_from(["\n", "\n\n", ""]))
    script, expected = [], []
    for line in lines:
        secret = data.draw(SECRET)
        script.append(line.replace("{}", secret).replace("{{", "{").replace("}}", "}"))
        written = re.escape(line.replace("{}", "\0").replace("{{", "{").replace("}}", "}"))
        expected.append(written.replace("admin:\0", "\0").replace("\0", r"\[SECRET_\d+\]"))
    before = "\n".join(script) + ending
    after = script_without_secrets(language, before)
    assert re.fullmatch("\n".join(expected) + ending, after), f"{before}\n\n{after}"
    assert script_without_secrets(language, after) == after


@given(
    st.text(alphabet="aZ7 $-_=\"'`(){}[]#\n!:password", max_size=60), st.sampled_from(["powershell", "bash", "python"])
)
def test_any_text_can_be_a_script_and_what_is_clean_stays(text: str, language: str) -> None:
    once = script_without_secrets(language, text)
    assert script_without_secrets(language, once) == once


def test_a_secret_of_one_literal_is_one_in_all_and_a_torn_script_is_plain_text() -> None:
    script = "$AdminPassword = 'Hunter22!x'\nStart-Process tool.exe -ArgumentList 'Hunter22!x'\n"
    assert script_without_secrets("powershell", script).count("[SECRET_1]") == 2
    torn = "$AdminPassword = 'Hunter22!x\n"
    assert "Hunter22" not in script_without_secrets("powershell", torn)
    assert "Hunter22" not in script_without_secrets("", "password: Hunter22!x")


PIECES = st.sampled_from(
    [
        "password",
        "pin",
        " is ",
        ": ",
        "to ",
        "Hunter22!x",
        "4711",
        "[SECRET_1]",
        REDACTED,
        '"',
        ",",
        "token=",
        " ",
        "9a",
        "!",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["", "What is the new password?"]))
def test_taking_secrets_out_again_changes_nothing(text: str, question: str) -> None:
    once = without_secrets(text, question=question)
    assert without_secrets(once, question=question) == once
    assert without_secrets(f"password: {REDACTED}, pin is [SECRET_1]") == f"password: {REDACTED}, pin is [SECRET_1]"
