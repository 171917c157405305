"""Tickets with a story: orphans that belong somewhere, stuck and blocked work, hostile markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.world.clock import Calendar
from sandbox.world.drafts import Draft
from sandbox.world.people import World
from sandbox.world.tickets import Tickets

HOSTILE = '<!channel> please *read* <@U0PRIYA> & "quotes" <https://evil.test|click>'
STUCK_DAYS, BLOCKED_DAYS = 9, 3


@dataclass(frozen=True)
class Orphan:
    """A ticket without epic: the topics it may belong to, one when it is easy, none when it fits nowhere."""

    project: str
    type: str
    summary: str
    description: str
    topics: tuple[str, ...]
    reporter: str
    days_old: int


ORPHANS: tuple[Orphan, ...] = (
    Orphan(
        "SHOP",
        "Bug",
        "Gift card balance is charged twice when the card payment is declined",
        "A shopper pays part with a gift card and part with a card. The card is declined, the gift card balance is "
        "gone. The payment intent is retried without looking at the gift card. Checkout must never lose the basket.",
        ("Checkout and payments",),
        "luca",
        12,
    ),
    Orphan(
        "SHOP",
        "Story",
        "Typo tolerance for brand names in search suggestions",
        'Searching for "kestral tent" gives an empty result page. Search suggestions should tolerate one typo in '
        "brand names, and rank what is in stock first.",
        ("Product search and filters",),
        "priya",
        9,
    ),
    Orphan(
        "SHOP",
        "Task",
        "Reserved stock is not released when an order is cancelled",
        "The stock level webhook is not sent on cancellation, so the Denver warehouse shows less than there is until "
        "the nightly reconciliation report.",
        ("Warehouse stock synchronisation",),
        "luca",
        16,
    ),
    Orphan(
        "SHOP",
        "Bug",
        "Screen reader does not announce errors of the newsletter form",
        "Form error announcements are missing in the footer. The audit lists it under WCAG 2.2, 3.3.1. Labels and "
        "focus order need a look as well.",
        ("Accessibility to WCAG 2.2 AA",),
        "sam",
        6,
    ),
    Orphan(
        "PORT",
        "Bug",
        "Fuel surcharge is missing from the quote PDF for zone pricing",
        "Quotes with zone pricing show the minimum charge only. The fuel surcharge table has the right tariff version.",
        ("Quoting and tariffs",),
        "marcus",
        8,
    ),
    Orphan(
        "PORT",
        "Task",
        "Rotate the AS2 certificate of the Hamburg carrier and replay its messages",
        "The carrier's AS2 certificate ends this month. IFTSTA status messages since Friday sit in the dead letter "
        "queue and need a replay after the rotation.",
        ("Carrier EDI gateway",),
        "luca",
        5,
    ),
    Orphan(
        "PORT",
        "Story",
        "Show border crossing and geofence alerts on the tracking map",
        "Dispatchers want to see on the live map when a vehicle enters a geofence or crosses a border, with the new "
        "estimated arrival.",
        ("Shipment tracking map",),
        "priya",
        11,
    ),
    Orphan(
        "SHOP",
        "Story",
        "Let shoppers pay an order partly with loyalty points",
        "At checkout a shopper can choose how many points to spend; the order total and the points balance change at "
        "once.",
        ("Checkout and payments", "Loyalty programme"),
        "priya",
        7,
    ),
    Orphan(
        "SHOP",
        "Task",
        "Show real stock in search results",
        "Search results say that something is in stock when both warehouses are empty.",
        ("Product search and filters", "Warehouse stock synchronisation"),
        "luca",
        4,
    ),
    Orphan(
        "PORT",
        "Story",
        "Attach customs documents to the customer's invoice",
        "Customers ask to get the commercial invoice and T1 document together with the monthly invoice.",
        ("Customs documents", "Billing and invoices"),
        "marcus",
        10,
    ),
    Orphan(
        "SHOP",
        "Task",
        "Book a room for the autumn photo shooting",
        "Two days, daylight, parking for a van. Ask the agency for dates.",
        (),
        "priya",
        3,
    ),
    Orphan(
        "PORT",
        "Task",
        "Order adapters for the meeting room screens",
        "USB-C to HDMI, four pieces, the client's office in Rotterdam.",
        (),
        "luca",
        2,
    ),
    Orphan(
        "SHOP",
        "Bug",
        HOSTILE,
        "The title came from a customer's e-mail. The card payment form of the checkout shows the text unescaped.\n\n"
        "<!here> @channel please also look at `code` and *bold*.",
        ("Checkout and payments",),
        "luca",
        1,
    ),
)


@dataclass
class Specials:
    """The special drafts by role."""

    orphans: list[tuple[Orphan, Draft]]
    done_orphan: Draft
    orphan_subtask: Draft
    stuck: Draft
    blocked: Draft
    blocker: Draft
    absence: Draft


def make_specials(calendar: Calendar, world: World, tickets: Tickets) -> Specials:
    """Make the tickets that the stories speak of."""
    account = {person.key: person.jira_account_id for person in world.people}
    orphans = [(o, tickets.add(_orphan(calendar, account, o))) for o in ORPHANS]
    done = _orphan(calendar, account, ORPHANS[1])
    done.summary, done.created = "Remove the search box of the old shop", calendar.moment(40)
    done.assignee = account["alice"]
    done.steps = [
        (calendar.moment(35), "In Progress", account["alice"]),
        (calendar.moment(33), "Done", account["alice"]),
    ]
    first = orphans[0][1]
    subtask = Draft(
        "SHOP",
        "Sub-task",
        "Add a test for declined cards with gift cards",
        first.created + timedelta(hours=3),
        account["luca"],
        parent=first,
        assignee=account["bob"],
    )
    stuck, blocked, blocker = _waiting(calendar, account, tickets)
    absence = Draft("TOOLS", "Task", "Leave and absence", calendar.moment(240), account["priya"])
    for draft in (done, subtask, stuck, blocked, blocker, absence):
        tickets.add(draft)
    return Specials(orphans, done, subtask, stuck, blocked, blocker, absence)


def _orphan(calendar: Calendar, account: dict[str, str], orphan: Orphan) -> Draft:
    return Draft(
        orphan.project,
        orphan.type,
        orphan.summary,
        calendar.moment(orphan.days_old, 10, orphan.days_old),
        account[orphan.reporter],
        orphan.description,
    )


def _waiting(calendar: Calendar, account: dict[str, str], tickets: Tickets) -> tuple[Draft, Draft, Draft]:
    sam, mei = account["sam"], account["mei"]
    stuck = Draft(
        "SHOP",
        "Story",
        "Voucher redemption on the order review page",
        calendar.moment(20),
        account["priya"],
        "Shoppers choose a voucher on the order review page. Points are taken when the order is placed, not before.",
        parent=tickets.epics["Loyalty programme"],
        assignee=sam,
        priority="High",
        steps=[
            (calendar.moment(16, 9), "In Progress", sam),
            (calendar.moment(STUCK_DAYS, 14), "Code Review", sam),
        ],
        comments=[(calendar.moment(STUCK_DAYS, 15), sam, "Ready for review. Alice, could you look at the rounding?")],
        topic="Loyalty programme",
    )
    blocker = Draft(
        "PORT",
        "Task",
        "Get test credentials for the customs broker's interface",
        calendar.moment(14),
        account["marcus"],
        "The broker has to open an account on their test system.",
        parent=tickets.epics["Customs documents"],
        assignee=account["marcus"],
        topic="Customs documents",
    )
    blocked = Draft(
        "PORT",
        "Story",
        "File the export declaration with the broker",
        calendar.moment(13),
        account["marcus"],
        "Send the export declaration of a shipment through the broker interface and keep the answer.",
        parent=tickets.epics["Customs documents"],
        assignee=mei,
        priority="High",
        steps=[
            (calendar.moment(6, 9), "In Progress", mei),
            (calendar.moment(BLOCKED_DAYS, 11), "Blocked", mei),
        ],
        comments=[(calendar.moment(BLOCKED_DAYS, 11), mei, "No test credentials from the broker yet, I can't go on.")],
        topic="Customs documents",
    )
    return stuck, blocked, blocker
