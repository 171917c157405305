"""Passwords, keys and codes go out of notes however people say them; hosts, versions and dates stay."""

from __future__ import annotations

import pytest

from services.pilot.notes.redaction import redact_secrets

SAID = {
    "I logged in as admin with Sommer!2025": "Sommer!2025",
    "pw: tulip-77-Garden": "tulip-77-Garden",
    "We used P@ssw0rd! for the test account": "P@ssw0rd!",
    "His old password was 'correct horse 9'": "correct horse 9",
    "password reset, new one: Blau44Haus": "Blau44Haus",
    "user jdoe pass hunter2": "hunter2",
    "RDP with administrator:Kv9!mmtz works": "Kv9!mmtz",
    "The key for the Wi-Fi is lighthouse2024": "lighthouse2024",
    "SNMP community is publ1c-rw": "publ1c-rw",
    "net use \\\\srv\\c$ /user:acme\\adm Zx81-spec!": "Zx81-spec!",
    "Her voicemail PIN: 90210": "90210",
    "backup code 88213-00914 did not work": "88213-00914",
    "ConvertTo-SecureString 'Zebra!77a' -AsPlainText": "Zebra!77a",
    "Passwort lautet Winter2025#": "Winter2025#",
    "le mot de passe est Soleil2025": "Soleil2025",
    "login info: ana / Moon_walk9": "Moon_walk9",
    "mysql -u root -pS3cretRoot shop": "S3cretRoot",
    "Set it to Qwertz!11 and told her the password by phone": "Qwertz!11",
    "2FA code was 903 221": "903 221",
    "Domain admin creds are da_tom / Wolke7!Wolke": "Wolke7!Wolke",
    "the safe code is 77-12-90": "77-12-90",
    "He typed Acme$2019 and it locked": "Acme$2019",
    "sshpass -p tr33house ssh root@srv1": "tr33house",
    "login with ana and Bremen!88": "Bremen!88",
    "API token 9f8e7d6c5b4a39281706 is invalid": "9f8e7d6c5b4a39281706",
    "Product key: VK7JG-NPHTM-C97JM-9MPGT-3V66T": "VK7JG-NPHTM-C97JM-9MPGT-3V66T",
    "recovery key 118294-330187-208417-551122-004521-662310-409783-127765": "409783",
    "Password [SECRET_1] did not work": "SECRET_1",
}
HARMLESS = (
    "Ticket#48213 is linked",
    "PC-0142! is new",
    "Windows11 and Office365 are up to date",
    "ana@srv01 logs in",
    "R&D2024 share is open since 10:15!",
    "Event 4740 on SRV-FILE02",
    "C:\\Users\\a#1\\x.log and progra~1 and log*2024",
    "Error 0x80070005 code 5 in firmware 6.6.55 build 1234567",
    "user ana@acme.example cannot sign in",
    "Log in with Office365 works, sign in with SSO2 fails",
    "password policy needs 12 characters",
    "Passwords changed on 2026-11-16",
    "`Get-Mailbox -Identity ana2` on port 8443/tcp",
    "security update 2024-11 was installed",
    "the backup of 2026-11-09 and backup 20261109 exist",
    "security group 48213, VLAN 20 / VLAN 30, account 4 / 5",
)


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_of_a_password_is_shown_without_it(text: str) -> None:
    shown, count = redact_secrets(text)

    assert SAID[text] not in shown
    assert "[redacted]" in shown
    assert count >= 1
    assert redact_secrets(shown) == (shown, 0)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_the_next_engineer_needs_stays(text: str) -> None:
    assert redact_secrets(text) == (text, 0)
