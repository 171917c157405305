"""What a call costs.

List prices come from the price list bundled with the `genai-prices` package (the version in the lock; looked at on
2026-11-21: claude-sonnet-5-5 2/10, gpt-6.1-sol 2/10, gemini-3.8-flash 0.75/3.75 USD per million tokens in/out).
Nothing is downloaded. Set your own with `MODEL_PRICES`, in USD per million tokens:
`{"openai:llama3.3": {"input": 0, "output": 0}, "google:gemini-3.8-flash": {"input": 0.7, "output": 3}}`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from services.ai.routing import ModelChoice
from services.ai.types import TokenUse
from services.settings import ModelPrice

UNKNOWN_PRICE = ModelPrice(input=Decimal(15), output=Decimal(75))
"""For a vendor's model that the list does not know yet: dear, so that a budget still holds."""

FREE = ModelPrice(input=Decimal(0), output=Decimal(0))
"""For a server of one's own that no price is set for."""

CHARACTERS_PER_TOKEN = 3
"""Fewer than the usual 4, so that an estimate is rather too high."""


class Prices:
    """Costs in millionths of a US dollar."""

    def __init__(self, own: dict[str, ModelPrice]) -> None:
        self._own = own

    def cost_microdollars(self, choice: ModelChoice, tokens: TokenUse, at: datetime) -> int:
        """Return the cost of a call, rounded up."""
        own = self._own.get(choice.label)
        if own is None and (listed := _list_price(choice, tokens, at)) is not None:
            return _whole(listed * 1_000_000)
        price = own or (FREE if choice.is_own_server else UNKNOWN_PRICE)
        plain = tokens.input - tokens.cache_read - tokens.cache_write
        read = price.input if price.cache_read is None else price.cache_read
        write = price.input if price.cache_write is None else price.cache_write
        # USD per million tokens is microdollars per token
        total = (
            plain * price.input + tokens.cache_read * read + tokens.cache_write * write + tokens.output * price.output
        )
        return _whole(total)

    def estimate_microdollars(self, choice: ModelChoice, characters: int, max_output_tokens: int, at: datetime) -> int:
        """Return what a call can cost at most, before it is made."""
        tokens = TokenUse(input=characters // CHARACTERS_PER_TOKEN, output=max_output_tokens)
        return self.cost_microdollars(choice, tokens, at)


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_CEILING))


def _list_price(choice: ModelChoice, tokens: TokenUse, at: datetime) -> Decimal | None:
    from genai_prices import Usage, calc_price  # loads half a second of price lists: on the first call only

    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
    )
    try:
        price = calc_price(usage, choice.name, provider_id=choice.price_vendor, genai_request_timestamp=at)
    except LookupError:
        return None
    return price.total_price
