"""What can go wrong with preferences."""

from keystead.core.errors import Invalid, NotFound


class ThemeInvalid(Invalid):
    message = "Invalid theme"
    message_id = "preferences.theme-invalid"


class HomeDashboardNotFound(NotFound):
    message = "Dashboard not found"
    message_id = "preferences.home-dashboard-not-found"
