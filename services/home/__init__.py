"""What App Home shows, and who has it open."""

from services.home.gather import gather_home
from services.home.homes import Homes
from services.home.types import AgentLine, AlertLine, HomeData, SourceLine

__all__ = ["AgentLine", "AlertLine", "HomeData", "Homes", "SourceLine", "gather_home"]
