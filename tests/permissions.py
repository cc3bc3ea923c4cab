"""Who may open what, written by hand and never computed from crm/access.py.

A page, then what each role gets: `yes` or `-`. A test fails for a page without a row.
"""

from crm.access import Role

_TABLE = """
page                          owner  manager  agent  marketer  analyst
desk:today                    yes    yes      yes    yes       yes
desk:settings                 yes    yes      yes    yes       yes
desk:customer-list            yes    yes      yes    yes       -
desk:customer                 yes    yes      yes    yes       -
crm:customer-create           yes    yes      yes    -         -
crm:customer-edit             yes    yes      yes    -         -
crm:customer-fact             yes    yes      yes    -         -
crm:address-create            yes    yes      yes    -         -
crm:address-edit              yes    yes      yes    -         -
crm:address-chief             yes    yes      yes    -         -
crm:address-remove            yes    yes      yes    -         -
crm:subscription-create       yes    yes      yes    -         -
crm:subscription              yes    yes      yes    yes       -
crm:subscription-act          yes    yes      yes    -         -
crm:company-list              yes    yes      yes    yes       -
crm:company                   yes    yes      yes    yes       -
crm:company-create            yes    yes      yes    -         -
crm:company-edit              yes    yes      yes    -         -
crm:company-delete            yes    yes      yes    -         -
crm:company-link              yes    yes      yes    -         -
crm:company-unlink            yes    yes      yes    -         -
crm:customer-erase            yes    yes      -      -         -
crm:personal-data             yes    yes      -      -         -
crm:customer-merge            yes    yes      -      -         -
crm:different-people          yes    yes      -      -         -
crm:merge-undo                yes    yes      -      -         -
crm:duplicate-list            yes    yes      -      -         -
crm:merge-exact               yes    yes      -      -         -
crm:merged-pairs              yes    yes      -      -         -
crm:customer-lookalikes       yes    yes      yes    -         -
crm:interaction-create        yes    yes      yes    -         -
crm:interaction-edit          yes    yes      yes    -         -
crm:follow-up-list            yes    yes      yes    yes       -
crm:follow-up                 yes    yes      yes    -         -
crm:follow-up-create          yes    yes      yes    -         -
crm:follow-up-done            yes    yes      yes    -         -
crm:follow-up-drop            yes    yes      yes    -         -
crm:follow-up-reopen          yes    yes      yes    -         -
crm:follow-up-take            yes    yes      yes    -         -
crm:follow-up-assign          yes    yes      yes    -         -
crm:follow-up-snooze          yes    yes      yes    -         -
crm:export-create             yes    yes      -      -         -
crm:import-list               yes    yes      -      -         -
crm:import-create             yes    yes      -      -         -
crm:import-upload             yes    yes      -      -         -
crm:import-draft              yes    yes      -      -         -
crm:import-reading            yes    yes      -      -         -
crm:import-kind               yes    yes      -      -         -
crm:import-trial              yes    yes      -      -         -
crm:import-start              yes    yes      -      -         -
crm:import-discard            yes    yes      -      -         -
crm:import-run                yes    yes      -      -         -
crm:import-undo               yes    yes      -      -         -
crm:segment-list              yes    yes      yes    yes       yes
crm:segment                   yes    yes      yes    yes       yes
crm:segment-count             yes    yes      yes    yes       yes
crm:segment-history           yes    yes      yes    yes       yes
crm:segment-follow            yes    yes      -      yes       -
crm:segment-snapshot          yes    yes      -      yes       -
crm:snapshot-delete           yes    yes      -      yes       -
crm:segment-create            yes    yes      -      yes       -
crm:segment-delete            yes    yes      -      yes       -
crm:saved-view-create         yes    yes      yes    yes       -
crm:saved-view-delete         yes    yes      yes    yes       -
crm:bulk-create               yes    yes      -      -         -
crm:bulk-run                  yes    yes      -      -         -
crm:bulk-undo                 yes    yes      -      -         -
crm:job-list                  yes    yes      yes    yes       yes
crm:job                       yes    yes      -      -         -
crm:job-cancel                yes    yes      -      -         -
crm:job-seen                  yes    yes      -      -         -
crm:file                      yes    yes      -      -         -
crm:custom-field-list         yes    -        -      -         -
crm:custom-field-create       yes    -        -      -         -
crm:custom-field              yes    -        -      -         -
crm:custom-field-move         yes    -        -      -         -
crm:custom-field-archive      yes    -        -      -         -
crm:custom-field-restore      yes    -        -      -         -
crm:custom-field-index        yes    -        -      -         -
crm:retention                 yes    -        -      -         -
crm:business-edit             yes    -        -      -         -
crm:preferences               yes    yes      yes    yes       yes
crm:security                  yes    yes      yes    yes       yes
crm:password                  yes    yes      yes    yes       yes
crm:session-end               yes    yes      yes    yes       yes
crm:sessions-end-others       yes    yes      yes    yes       yes
crm:second-factor             yes    yes      yes    yes       yes
crm:second-factor-off         yes    yes      yes    yes       yes
crm:recovery-codes            yes    yes      yes    yes       yes
crm:team                      yes    -        -      -         -
crm:team-role                 yes    -        -      -         -
crm:team-deactivate           yes    -        -      -         -
crm:team-activate             yes    -        -      -         -
crm:team-invite-again         yes    -        -      -         -
support:conversation-list     yes    yes      yes    -         -
support:conversation          yes    yes      yes    -         -
support:conversation-change   yes    yes      yes    -         -
support:conversation-parts    yes    yes      yes    -         -
support:change-undo           yes    yes      yes    -         -
support:conversation-act      yes    yes      yes    -         -
support:mail-frame            yes    yes      yes    -         -
support:mail-frame-pictures   yes    yes      yes    -         -
support:mail-file             yes    yes      yes    -         -
support:unreadable-list       yes    yes      yes    -         -
support:raw-download          yes    yes      yes    -         -
support:read-again            yes    yes      yes    -         -
support:reply                 yes    yes      yes    -         -
support:contact-create        yes    yes      yes    -         -
support:promise-create        yes    yes      yes    -         -
support:note-create           yes    yes      yes    -         -
support:notes-seen            yes    yes      yes    -         -
support:reply-to              yes    yes      yes    -         -
support:mail-create           yes    yes      yes    -         -
support:mail-forward          yes    yes      yes    -         -
support:mail-first-writer     yes    yes      yes    -         -
support:mail-take-back        yes    yes      yes    -         -
support:mail-trouble-seen     yes    yes      yes    -         -
support:draft-list            yes    yes      yes    -         -
support:draft                 yes    yes      yes    -         -
support:draft-discard         yes    yes      yes    -         -
support:draft-unschedule      yes    yes      yes    -         -
support:draft-file-create     yes    yes      yes    -         -
support:draft-file-delete     yes    yes      yes    -         -
support:draft-picture         yes    yes      yes    -         -
support:saved-reply-list      yes    yes      yes    -         -
support:saved-reply-create    yes    yes      yes    -         -
support:saved-reply-edit      yes    yes      yes    -         -
support:saved-reply-delete    yes    yes      yes    -         -
support:saved-reply-file-create yes  yes      yes    -         -
support:saved-reply-file-delete yes  yes      yes    -         -
support:signature-edit        yes    yes      yes    -         -
support:notices               yes    yes      yes    -         -
support:notices-new           yes    yes      yes    -         -
support:absence               yes    yes      yes    -         -
support:absence-end           yes    yes      yes    -         -
support:rule-list             yes    -        -      -         -
support:rule-create           yes    -        -      -         -
support:rule-edit             yes    -        -      -         -
support:rule-move             yes    -        -      -         -
support:rule-switch           yes    -        -      -         -
support:rule-delete           yes    -        -      -         -
support:mailbox-list          yes    -        -      -         -
support:mailbox-create        yes    -        -      -         -
support:mailbox-edit          yes    -        -      -         -
support:mailbox-automatic     yes    -        -      -         -
support:mailbox-try           yes    -        -      -         -
support:mailbox-test          yes    -        -      -         -
support:mailbox-consent       yes    -        -      -         -
support:mailbox-consent-given yes    -        -      -         -
messaging:outbox              yes    yes      yes    yes       yes
messaging:try-now             yes    yes      yes    -         -
messaging:message             yes    yes      yes    yes       -
messaging:mail                yes    yes      yes    yes       -
messaging:message-why         yes    yes      yes    yes       yes
messaging:message-cancel      yes    yes      yes    -         -
messaging:message-send-again  yes    yes      yes    -         -
messaging:message-leave       yes    yes      yes    -         -
messaging:consent-withdraw    yes    yes      yes    -         -
messaging:consent-undo        yes    yes      yes    -         -
messaging:address-stop        yes    yes      yes    -         -
messaging:address-allow       yes    yes      yes    -         -
messaging:mail-pause          yes    yes      yes    -         -
messaging:mail-resume         yes    yes      yes    -         -
messaging:automation-list     yes    yes      yes    yes       yes
messaging:automation          yes    yes      yes    yes       yes
messaging:automation-preview  yes    yes      yes    yes       yes
messaging:automation-edit     yes    yes      -      yes       -
messaging:automation-wording  yes    yes      -      yes       -
messaging:automation-on       yes    yes      -      yes       -
messaging:automation-switch   yes    yes      -      yes       -
messaging:automation-gallery  yes    yes      -      yes       -
messaging:automation-move     yes    yes      -      yes       -
messaging:automation-create   yes    yes      -      yes       -
messaging:automation-copy     yes    yes      -      yes       -
messaging:automation-archive  yes    yes      -      yes       -
messaging:automation-delete   yes    yes      -      yes       -
messaging:automation-audience  yes   yes      -      yes       -
messaging:automation-holdout  yes    yes      -      yes       yes
messaging:automation-holdout-edit  yes  yes   -      yes       -
surveys:survey-list           yes    yes      yes    yes       yes
surveys:digest-choice         yes    yes      yes    yes       yes
surveys:survey                yes    yes      yes    yes       yes
surveys:survey-answers        yes    yes      yes    yes       yes
surveys:survey-settings       yes    yes      -      yes       -
surveys:answer-leave-out      yes    -        -      -         -
surveys:answer-count-again    yes    -        -      -         -
insights:overview             yes    yes      -      yes       yes
insights:money                yes    yes      -      yes       yes
insights:money-people         yes    yes      -      yes       yes
insights:retention            yes    yes      -      yes       yes
insights:cohorts              yes    yes      -      yes       yes
insights:churn                yes    yes      -      yes       yes
insights:mark-create          yes    yes      -      -         -
insights:mark-delete          yes    yes      -      -         -
insights:where-from           yes    yes      -      yes       yes
insights:save-list            yes    yes      -      yes       yes
insights:spend                yes    yes      -      -         -
insights:people               yes    yes      -      yes       yes
insights:definition           yes    yes      -      yes       yes
insights:scores               yes    yes      -      yes       yes
feedback:review-list          yes    yes      yes    yes       yes
feedback:review-publish       yes    yes      -      -         -
feedback:review-reject        yes    yes      -      -         -
"""


def _rows(table: str) -> dict[str, frozenset[str]]:
    head, *lines = (line.split() for line in table.strip().splitlines())
    roles = head[1:]
    assert sorted(roles) == sorted(role.value for role in Role)
    found = {}
    for name, *cells in lines:
        assert set(cells) <= {"yes", "-"}, name
        allowed = zip(roles, cells, strict=True)
        found[name] = frozenset(role for role, cell in allowed if cell == "yes")
    return found


MAY_OPEN = _rows(_TABLE)
