"""The tab `Audit` of a service account."""

from dataclasses import dataclass
from typing import ClassVar

from keystead.web.views.audit import EventsTable
from keystead.web.views.frame import Document, Frame, Link
from keystead.web.views.serviceaccount import AccountHead


@dataclass(frozen=True, slots=True)
class AccountAuditPage:
    template: ClassVar[str] = "serviceaccount_audit.html"
    called: ClassVar[str] = "page"

    document: Document
    frame: Frame
    head: AccountHead
    table: EventsTable
    by: Link  # to what the account itself did
