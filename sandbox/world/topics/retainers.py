"""The two retainers: a care plan's applications and a brewery group's support."""

from __future__ import annotations

from sandbox.world.topics.shape import Vocabulary, topic

CARE = Vocabulary(
    project="CARE",
    tickets=130,
    users="nurses",
    places=("the ward tablets", "the patient app", "Chrome on Windows", "the Boston clinic", "the reporting replica"),
    events=("the HL7 upgrade", "a patient is merged", "the night shift", "a clinic changes its name", "the VPN drops"),
    topics=(
        topic(
            "Appointment booking",
            "Upkeep and small improvements of online booking: slots, reminders and waiting lists for eleven clinics.",
            "reminder text message; waiting list; double booking; clinic opening hours; video visit link; "
            "cancellation notice; recurring appointments; calendar feed of doctors; slot search",
        ),
        topic(
            "Patient app upkeep",
            "Monthly releases of the patient app: fixes, library updates and store reviews.",
            "push notifications; app store screenshots; biometric login; crash on start; lab result view; medication "
            "reminder; dark mode; offline cache; app update prompt",
        ),
        topic(
            "Interfaces to the hospital system",
            "HL7 and FHIR feeds between the clinics and the hospital: monitored, replayable and documented.",
            "ADT message feed; FHIR observation mapping; message queue backlog; patient merge event; lab order "
            "interface; interface monitoring dashboard; certificate renewal; duplicate encounter records",
        ),
        topic(
            "Compliance and audit",
            "Evidence for the yearly HIPAA audit, access reviews and retention rules.",
            "access review export; audit trail of record views; retention rule; encryption at rest evidence; consent "
            "form versions; break-glass access report; data deletion request",
        ),
        topic(
            "Reporting for clinic managers",
            "Reports that managers read every Monday: occupancy, no-shows, waiting times.",
            "no-show rate; occupancy report; waiting time percentiles; scheduled report e-mail; export to Excel; "
            "report filter by clinic; slow dashboard query",
        ),
    ),
)

BREW = Vocabulary(
    project="BREW",
    tickets=88,
    users="brewers",
    places=(
        "the Portland brewery",
        "the tasting room tills",
        "the handheld scanners",
        "the web shop",
        "the old server",
    ),
    events=("the stocktake", "a keg is returned", "the price list changes", "a power cut", "the quarter is closed"),
    topics=(
        topic(
            "Keg tracking",
            "Know where every keg is: scans at filling, delivery and return, with deposits.",
            "keg scan at delivery; deposit balance; lost keg report; barcode label printer; keg return note; "
            "handheld scanner login; keg age alarm",
        ),
        topic(
            "Tasting room tills",
            "Support of tills, card readers and the beer menu in six tasting rooms.",
            "card reader pairing; happy hour prices; receipt printer; tip entry; daily till closing; beer menu "
            "screen; age check prompt",
        ),
        topic(
            "Web shop for merchandise",
            "Small changes and support of the merchandise shop.",
            "T-shirt sizes; shipping rates to Canada; coupon codes; newsletter sign-up; product photos; order "
            "e-mail; pick-up at the brewery",
        ),
        topic(
            "Excise reporting",
            "Monthly excise and volume reports for the tax authority from the brewing records.",
            "excise return; volume per batch; rounding of hectolitres; correction of last month; brewing record "
            "import; PDF for the authority",
        ),
    ),
)
