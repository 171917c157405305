"""What changes at a vendor share, whoever the vendor is: the shape of an operation, and words that are added."""

from __future__ import annotations

from abc import ABC, abstractmethod

from services.effects.types import EffectRecord, EffectStatus, Json, Undo
from services.slack.markup import escape


class VendorChange(ABC):
    """One change of what `effect.target` names; a subclass says which. What was written is read back afterwards."""

    name = ""
    vendor = ""

    @abstractmethod
    async def read(self, effect: EffectRecord) -> Json:
        """Return the state that the write changes."""

    @abstractmethod
    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether nothing needs doing."""

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if it has become what was wanted: an answer got lost, the change did not."""
        state = await self.read(effect)
        if not self.is_satisfied(effect, state):
            return None
        await self.follow(effect, state)
        return state

    async def write(self, effect: EffectRecord) -> Json:
        """Change it, then bring the mirror up to date."""
        result = await self._write(effect)
        await self.follow(effect, result)
        return result

    @abstractmethod
    async def _write(self, effect: EffectRecord) -> Json:
        """Change it; return what only the write can tell."""

    @abstractmethod
    async def follow(self, effect: EffectRecord, result: Json) -> None:
        """Bring the mirror up to date; a vendor's error there must not pass for a failed change."""

    @abstractmethod
    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when it is not as it was wanted."""

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return nothing: a subclass knows what takes it back."""
        return None

    @abstractmethod
    def describe(self, effect: EffectRecord) -> str:
        """Say what was done."""

    @abstractmethod
    def url(self, effect: EffectRecord) -> str:
        """Return the page of what was changed."""


class Commenting(VendorChange):
    """A comment that is added: its id is in `after`, and `deletion` takes it away."""

    deletion = ""

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Return False: equal words said twice are two comments."""
        return False

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the comment is gone, or not as it was when it was written."""
        if not after.get("is_there", True):
            return f"{self.vendor} does not show the comment on {effect.target}."
        written = (effect.after or {}).get("updated")
        if written and after.get("updated") != written:
            return f"The comment on {effect.target} was edited since."
        return None

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Delete it."""
        comment_id = (effect.after or {}).get("comment_id")
        return Undo(self.deletion, {"comment_id": comment_id}) if comment_id else None


class Deleting(VendorChange):
    """What was written before (`what`) and is taken away; `read` tells whether it `is_there`."""

    what = "comment"

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether it is gone."""
        return not state["is_there"]

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when it is still there."""
        return f"{self.vendor} still shows the {self.what} on {effect.target}." if after.get("is_there") else None

    def describe(self, effect: EffectRecord) -> str:
        """Say what is gone."""
        return f"Deleted the {self.what} on *{escape(effect.target)}*"


class StatusChange(VendorChange):
    """A change to the status that `arguments` name, however its letters are written."""

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether it is there."""
        return bool(state["status"].casefold() == effect.arguments["status"].casefold())

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when it has another, naming both."""
        if self.is_satisfied(effect, after):
            return None
        still = "still " if after["status"] == (effect.before or {}).get("status") else ""
        return f"{effect.target} is {still}{escape(after['status'])}, not {escape(effect.arguments['status'])}."

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Give it back the status from before, where there was a way back after the change."""
        if not (effect.after or {}).get("way_back"):
            return None
        return Undo(self.name, {"status": effect.before["status"]})


def was_so_already(effect: EffectRecord) -> bool:
    """Tell whether nothing had to be done."""
    return effect.status is EffectStatus.UNCHANGED
