"""Harborline's own work: its Mac fleet, and internal tools."""

from __future__ import annotations

from sandbox.world.topics.shape import Vocabulary, topic

CPE = Vocabulary(
    project="CPE",
    tickets=64,
    users="Mac users",
    places=("macOS 26", "the loaner pool", "M1 MacBooks", "the London office", "contractors' machines"),
    events=("the monthly patch", "a profile is pushed", "FileVault is turned on", "the inventory update", "a restart"),
    topics=(
        topic(
            "macOS vulnerability remediation",
            "Findings of the scanner on managed Macs, taken from investigation through pilot and rollout to "
            "verification within the agreed days.",
            "outdated Chrome on managed Macs; OpenSSL in the developer toolchain; Zoom client CVE; legacy Java "
            "runtime; unsigned kernel extension; Adobe Reader patch; Python 2 leftovers; curl in the base image; "
            "Firefox ESR update",
        ),
        topic(
            "FileVault and disk encryption",
            "Every Mac encrypted, its recovery key in escrow, exceptions on record.",
            "recovery key escrow; unencrypted loaner Macs; FileVault prompt deferral; key rotation policy; "
            "encryption compliance report",
        ),
        topic(
            "Operating system upgrades",
            "Move the fleet to the current macOS in rings: pilot group, early adopters, everyone.",
            "pilot ring; upgrade deferral; incompatible VPN client; disk space check; upgrade nudge; broken printer "
            "drivers; rollback instructions",
        ),
        topic(
            "Enrolment and inventory",
            "Machines that enrol by themselves, and an inventory that can be trusted.",
            "automated enrolment; stale inventory records; asset tag import; smart group of contractors; enrolment "
            "profile expiry",
        ),
    ),
)

TOOLS = Vocabulary(
    project="TOOLS",
    tickets=60,
    users="colleagues",
    places=("the build server", "the intranet", "the invoice script", "the staging cluster"),
    events=("the certificate expires", "a branch is renamed", "the nightly job", "an upgrade of Python"),
    topics=(
        topic(
            "Timesheet helper",
            "A small service that pre-fills timesheets from calendars and tickets.",
            "calendar import; rounding to quarter hours; ticket suggestions; weekly summary page; holiday calendar; "
            "CSV export of timesheets",
        ),
        topic(
            "Deployment pipeline",
            "One pipeline for all customers' services: build, scan, deploy, roll back.",
            "container image scan; canary deployment; rollback button; build cache; deployment notes; flaky "
            "integration test; pipeline metrics",
        ),
        topic(
            "Internal knowledge base",
            "Answers that people find: how we work, checklists, post-mortems.",
            "post-mortem template; onboarding checklist; full-text search of pages; stale page reminder; page "
            "owners; architecture decision records",
        ),
    ),
)
