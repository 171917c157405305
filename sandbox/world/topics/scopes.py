"""The two fixed-scope projects: a shop and a freight portal."""

from __future__ import annotations

from sandbox.world.topics.shape import Vocabulary, topic

SHOP = Vocabulary(
    project="SHOP",
    tickets=232,
    users="shoppers",
    places=("Safari on iOS 18", "Firefox", "the staging shop", "the Canadian storefront", "small Android phones"),
    events=("the spring release", "switching the currency", "a session times out", "the CDN purge", "an A/B test ends"),
    topics=(
        topic(
            "Checkout and payments",
            "Replace the old three-page checkout with a single page that takes cards, Apple Pay and gift cards. A "
            "shopper should pay in under a minute, and a declined card must never lose the basket.",
            "card payment form; Apple Pay button; gift card balance; 3-D Secure challenge; declined card message; "
            "payment intent retries; order confirmation page; billing address validation; saved cards; "
            "refund to the original card; tax lines in the order total; guest checkout",
        ),
        topic(
            "Product search and filters",
            "Move catalogue search to a real index so that shoppers find tents by weight, season and capacity. "
            "Results should tolerate typos and rank what is in stock first.",
            "search suggestions; typo tolerance; weight filter; facet counts; synonyms for rain jackets; search "
            "result ranking; empty result page; category landing pages; index rebuild job; sort by review score; "
            "in-stock boost",
        ),
        topic(
            "Loyalty programme",
            "Trail Points: shoppers earn points on orders, see their balance and spend them as vouchers. Points "
            "expire after two years, and customer service can correct a balance.",
            "points balance widget; earning rules; voucher redemption; points expiry job; tier badges; birthday "
            "bonus; points correction by customer service; loyalty statement e-mail; referral bonus; points for "
            "returned orders",
        ),
        topic(
            "Warehouse stock synchronisation",
            "Keep stock levels of the two warehouses and the shop within a minute of each other, so that nothing "
            "sells that is not there. Replaces the nightly CSV file.",
            "stock level webhook; reserved stock; warehouse location codes; backorder dates; nightly reconciliation "
            "report; stock feed from Denver; negative stock alarm; split shipments; safety stock threshold; "
            "pick list export",
        ),
        topic(
            "Accessibility to WCAG 2.2 AA",
            "Bring the shop to WCAG 2.2 AA before the public tender. Keyboard, screen reader and contrast findings "
            "of the audit are fixed and guarded by automated checks.",
            "keyboard focus order; screen reader labels; colour contrast of sale prices; skip links; carousel pause "
            "control; form error announcements; alt texts of product images; reduced motion setting; heading "
            "structure",
        ),
        topic(
            "Product reviews and photos",
            "Let shoppers review what they bought, with photos, and let the team moderate before anything shows. "
            "Ratings feed the product pages and structured data.",
            "review form; photo upload; moderation queue; star rating summary; verified purchase badge; review "
            "reminder e-mail; abusive language filter; helpful votes; rating snippet for search engines",
            "new",
        ),
        topic(
            "Launch of the new brand design",
            "The new Kestrel brand on every page: typography, colours, header and footer, e-mail templates. Finished "
            "with the autumn campaign.",
            "header navigation; footer links; typography scale; e-mail template; brand colour tokens; home page "
            "hero; icon set; favicon and app icons; print stylesheet of invoices",
            "done",
        ),
    ),
)

PORT = Vocabulary(
    project="PORT",
    tickets=226,
    users="dispatchers",
    places=("the carrier view", "Edge", "the test tenant", "the Rotterdam depot", "bulk accounts"),
    events=(
        "the timetable import",
        "a shipment is split",
        "the tariff update",
        "summer time starts",
        "a token expires",
    ),
    topics=(
        topic(
            "Shipment tracking map",
            "A live map of all shipments with positions from carriers, estimated arrival and exceptions. Dispatchers "
            "see which loads are late before the customer calls.",
            "live vehicle positions; estimated arrival; geofence alerts; map clustering; late shipment badge; "
            "carrier GPS feed; track history playback; tile server cache; map legend; border crossing markers",
        ),
        topic(
            "Quoting and tariffs",
            "Instant quotes from tariffs, surcharges and customer agreements, with a PDF that sales can send. "
            "Replaces the shared spreadsheet.",
            "fuel surcharge table; zone pricing; quote PDF; customer discount agreement; minimum charge rule; "
            "currency rounding; quote expiry date; volumetric weight formula; tariff version history; hazardous "
            "goods surcharge",
        ),
        topic(
            "Customs documents",
            "Produce commercial invoices, packing lists and T1 documents from shipment data and file them with the "
            "customs broker's interface.",
            "commercial invoice; T1 transit document; HS code lookup; broker interface; document archive; export "
            "declaration; certificate of origin; customs hold notice; EORI number validation; packing list layout",
        ),
        topic(
            "Single sign-on and roles",
            "Customers sign in with their own identity provider (SAML, OIDC) and their administrators manage who "
            "sees which depots.",
            "SAML metadata upload; OIDC login; depot permissions; role editor; session timeout; SCIM user "
            "provisioning; login audit log; password reset for local users; multi-factor prompt; just-in-time "
            "accounts",
        ),
        topic(
            "Carrier EDI gateway",
            "Exchange orders, status and invoices with carriers over EDIFACT and AS2 without hand work, with "
            "acknowledgement and replay.",
            "IFTMIN order message; IFTSTA status message; AS2 certificate rotation; EDI acknowledgement; message "
            "replay; segment validation errors; carrier onboarding checklist; INVOIC import; partner mapping table; "
            "dead letter queue",
        ),
        topic(
            "Billing and invoices",
            "Collect charges of delivered shipments into monthly invoices with the right tax, and pass them to the "
            "accounting system.",
            "monthly invoice run; credit notes; VAT reverse charge; accounting export; disputed charges; invoice "
            "numbering; payment terms; dunning letters; cost centre split; proof of delivery attachment",
            "new",
        ),
        topic(
            "Move to the new cloud region",
            "Move all services and data of the portal to the Frankfurt region with less than ten minutes of downtime.",
            "database replication; DNS cut-over; object storage copy; load balancer health checks; secrets rotation; "
            "cost report of the region; runbook for the cut-over; backup restore drill",
            "done",
        ),
    ),
)
