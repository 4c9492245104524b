"""The tab `Audit` of a service account, in words."""

from keystead.core.accounts.listing import ListedAccount
from keystead.core.changes.search import Recorded
from keystead.usecases.paging import Cut
from keystead.web.audit_search import AuditSearch
from keystead.web.presenters.account_rights import AccountRights
from keystead.web.presenters.audit import events_table
from keystead.web.presenters.frame import Place, Viewer, document_of, frame_of
from keystead.web.presenters.serviceaccount import AUDIT, account_head
from keystead.web.presenters.serviceaccounts import TAB
from keystead.web.searches import TokenSearch
from keystead.web.views.account_audit import AccountAuditPage
from keystead.web.views.frame import Link


def account_audit_page(
    viewer: Viewer, listed: ListedAccount, found: Cut[Recorded], rights: AccountRights
) -> AccountAuditPage:
    links, account = viewer.links, listed.account
    return AccountAuditPage(
        document=document_of(viewer, AUDIT, account.name, TAB, Place.CONFIGURATION),
        frame=frame_of(viewer, Place.CONFIGURATION, TAB),
        head=account_head(viewer, listed, rights, AUDIT),
        table=events_table(
            viewer,
            found,
            lambda after, before: links.service_account(
                account.id, "audit", TokenSearch(after, before).pairs
            ),
            nothing="No events yet.",
        ),
        by=Link(
            "What this account did",
            links.audit(AuditSearch(actor=f"serviceaccount:{account.id}").pairs),
        ),
    )
