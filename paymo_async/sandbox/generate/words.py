"""The words that a generated agency is made of; its people and companies are invented."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COLORS",
    "COMMENTS",
    "EXPENSES",
    "FIRST",
    "FIXED",
    "HEADS",
    "KINDS",
    "LAST",
    "MILESTONES",
    "NOTES",
    "PHASES",
    "POSITIONS",
    "RETAINERS",
    "ROLES",
    "STREETS",
    "TAILS",
    "THINGS",
    "TOPICS",
    "TOWNS",
    "VERBS",
]

FIRST: Final = (
    "Alma",
    "Bero",
    "Cilia",
    "Doran",
    "Elke",
    "Falk",
    "Gesa",
    "Hark",
    "Inka",
    "Jorun",
    "Kaja",
    "Leif",
    "Mila",
)
LAST: Final = (
    "Abendrot",
    "Birkholm",
    "Dornfeld",
    "Espenau",
    "Fuhrbach",
    "Grünwehr",
    "Heidmoor",
    "Lindqvall",
    "Moorsiel",
)
POSITIONS: Final = ("Designer", "Developer", "Copywriter", "Project manager", "Consultant")
HEADS: Final = (
    "Amberfield",
    "Bluewater",
    "Copperline",
    "Driftwood",
    "Eastgate",
    "Fernhill",
    "Greystone",
    "Harborview",
    "Ironleaf",
    "Juniper",
    "Kingsmere",
    "Larkspur",
    "Millbrook",
)
TAILS: Final = (
    "Foods",
    "Logistics",
    "Press",
    "Clinics",
    "Gardens",
    "Instruments",
    "Textiles",
    "Brewery",
    "Schools",
    "Labs",
    "Energy",
)
TOWNS: Final = (
    ("Nordhaven", "DE"),
    ("Westbrook", "GB"),
    ("Larkhill", "US"),
    ("Sankt Almen", "AT"),
    ("Villebois", "FR"),
)
STREETS: Final = ("Mill Lane", "Harbour Street", "Station Road", "Garden Row", "Old Market")
ROLES: Final = ("Managing director", "Head of marketing", "Accounting", "Purchasing", "Press office")
KINDS: Final = ("Website", "Rebranding", "Shop", "Campaign", "App", "Annual report", "Support", "Trade fair")
COLORS: Final = ("#68BE5E", "#E93A55", "#5BDBF6", "#FFC145", "#8E6CC9")
PHASES: Final = ("Concept", "Design", "Build", "Launch")
MILESTONES: Final = ("First draft", "Sign-off", "Go-live")
VERBS: Final = ("Draft", "Review", "Build", "Test", "Polish", "Plan", "Discuss", "Fix", "Document", "Prepare")
THINGS: Final = (
    "landing page",
    "logo",
    "newsletter",
    "checkout",
    "photo set",
    "style guide",
    "navigation",
    "forms",
    "texts",
    "search",
    "print layout",
    "data import",
    "icons",
    "budget",
)
NOTES: Final = (
    "",
    "",
    "First round",
    "Call with the client",
    "Changes from the review",
    "Research",
    "Second proposal",
    "Bug hunt",
    "Hand-over",
    "Weekly meeting",
)
TOPICS: Final = ("Kick-off notes", "Tone of voice", "Open questions", "Feedback on the first draft", "Launch checklist")
COMMENTS: Final = (
    "<p>Looks good to me.</p>",
    "<p>Could we make this a little lighter?</p>",
    "<p>The client prefers the <b>second</b> version.</p>",
    "<p>Done, please have a look.</p>",
    "<p>Waiting for the texts.</p>",
    "<p>Let's talk about it on Monday.</p>",
)
FIXED: Final = (
    ("Hosting", "one month", 40, 1),
    ("Stock photos", "licences for print and web", 35, 4),
    ("Workshop", "half a day with your team", 640, 1),
    ("Express surcharge", "", 150, 1),
    ("Domain names", "a year each", 18, 3),
    ("Proofreading", "per page", 24, 12),
)
"""Lines at a fixed price: the item, its description, price and quantity."""
RETAINERS: Final = (
    ("Hosting and updates", 120, 1),
    ("Support", 85, 6),
    ("Newsletter", 390, 1),
    ("Search report", 240, 1),
)
EXPENSES: Final = (
    ("Train to the client", "Travel"),
    ("Taxi", "Travel"),
    ("Hotel, one night", "Travel"),
    ("Font licences", "Software/Service"),
    ("Test devices", "Equipment"),
    ("Lunch with the client", "Restaurant"),
    ("Printing of proofs", "Print"),
)
