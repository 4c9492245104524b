"""Settings: read once, at start; typed and frozen; a wrong or unknown name stops the server."""

from keystead.settings.handover import Handover
from keystead.settings.model import Settings
from keystead.settings.profiles import Command
from keystead.settings.reading import FIELDS, read_settings
from keystead.settings.sources import config_content

__all__ = ["FIELDS", "Command", "Handover", "Settings", "config_content", "read_settings"]
