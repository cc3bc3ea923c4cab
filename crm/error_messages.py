"""What the errors of customers, orders and staff say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    sentences={
        "not_found": _("This is not there any more. Nothing was changed."),
        "customer_gone": _("This customer was merged or erased in the meantime."),
        "same_customer": _("A record cannot be merged with itself."),
        "return_takes_nothing": _(
            "This purchase was changed in the meantime. Nothing was changed; choose"
            " again."
        ),
        "merge_over": _(
            "This merge was undone already, or is older than 30 days. Nothing was"
            " changed."
        ),
        "merged_on_since": _(
            "The record that was kept was itself merged into another one since. Undo"
            " that first; nothing was changed."
        ),
        "import_is_running": _(
            "An import is running. Nothing was changed; try again when it has ended."
        ),
        "follow_up_closed": _("Somebody else has closed this follow-up already."),
        "outcome_missing": _(
            "A customer's answer opened this follow-up. Write in one line what came of"
            " it, then close it."
        ),
        "follow_up_taken": _(
            "A colleague has taken this follow-up already. To take it over, assign it"
            " to yourself."
        ),
        "wrong_code": _(
            "Enter the code that the app shows now. Each code works once, and each"
            " recovery code too."
        ),
        "wrong_password": _("This is not your present password. Nothing was changed."),
        "last_owner": _(
            "This is the last owner. Make somebody else an owner first; nothing was"
            " changed."
        ),
        "not_yourself": _(
            "Your own role and account are for another owner to change. Nothing was"
            " changed."
        ),
        "not_allowed": _("Your role does not allow this."),
        "job_not_open": _("This has ended already. Nothing was changed."),
        "job_broke": _(
            "Something went wrong on our side, three times in a row. What is recorded"
            " was not changed. Try again; if it happens again, the log of the workers"
            " says why."
        ),
        "job_kind_unknown": _(
            "This version of Perennial does not know such jobs. Start it again."
        ),
        "files_unusable": _(
            "The folder for files cannot be read or written, or its disk is full. What"
            " is recorded was not changed. Make room, or have whoever runs this"
            " installation look at it (manage.py doctor), and try again."
        ),
        "segments_in_a_circle": _(
            "A segment cannot name itself, directly or through another. Nothing was"
            " changed."
        ),
        "audience_moved": _(
            "There are not as many people as this page said. Nothing was changed: look"
            " again."
        ),
        "snapshot_exists": _("Today’s snapshot is there already. It was kept."),
        "bulk_cannot_be_undone": _("This change cannot be taken back."),
        "company_in_use": _(
            "This company has branches. Give them another parent first; nothing was"
            " deleted."
        ),
        "subscription_not_active": _(
            "This contract is paused or cancelled. Resume it first; nothing was"
            " changed."
        ),
        "subscription_runs": _("This contract runs already. Nothing was changed."),
        "subscription_exists": _(
            "Another contract has this number already. Nothing was changed."
        ),
        "segment_followed": _(
            "Somebody follows this segment. Tick that it may be followed no longer;"
            " nothing was deleted."
        ),
        "segment_in_use": _(
            "Something uses this segment. Let it use another one first; nothing was"
            " deleted."
        ),
        "export_unknown": _(
            "This version of Perennial does not know what was to be exported. Ask for"
            " it again."
        ),
    },
    general={
        "not_a_birthday": _("Enter the birthday as 05-12 (month, day) or 1980-05-12"),
        "quantity_zero": _("Enter a quantity other than zero"),
        "delivered_before_ordered": _("Enter a day that is not before the order"),
        "wrong_number": _("Send one line at least, and at most 2,000"),
        "unknown_filter": _("Use only what the customer list filters by"),
        "unknown_owner": _("Choose a colleague of the list"),
        "unknown_segment": _("Choose a segment of the list"),
        "name_taken": _("Choose another name: this one is taken"),
        "conditions_unreadable": _("Put the conditions together again"),
        "conditions_too_deep": _("Use at most two groups inside one another"),
        "too_many_conditions": _("Use at most 40 conditions"),
        "too_many_values": _("Choose fewer values"),
        "group_empty": _("Give every group a condition, or take the group away"),
        "period_out_of_range": _("Enter a number from 1 to 5000"),
        "period_missing": _("Enter how long"),
        "unknown_condition": _("Choose what is asked"),
        "unknown_operator": _("Choose how it is asked"),
        "unknown_choice": _("Choose from the list"),
        "value_missing": _("Enter a value"),
        "date_invalid": _("Enter a day like 2026-05-03"),
        "segment_by_opinion": _(
            "A request for reviews uses this segment. It must reach everybody alike, so"
            " the conditions cannot ask for scores, stars or answers"
        ),
        "audience_by_opinion": _(
            "Reviews are asked of everybody alike: choose a segment that does not ask"
            " for scores, stars or answers"
        ),
        "company_unknown": _("No company is called that: add it first, or look again"),
        "company_ambiguous": _(
            "Several companies are called that: enter # and the number of one"
        ),
        "company_in_a_circle": _(
            "A company cannot be part of itself, or of one of its branches"
        ),
        "address_twice": _("They have this one already"),
        "field_archived": _("This field is archived: restore it to change values"),
        "number_invalid": _("Enter a number such as 12.5"),
        "number_ambiguous": _(
            "This could be a thousand or a bit more than one: write 1299 or 1.2990"
        ),
        "money_invalid": _("Enter an amount and its currency, such as 12.50 EUR"),
        "month_invalid": _("Enter months from 1 to 12"),
        "link_invalid": _("Enter an address such as https://shop.example/tea"),
        "yes_no_unknown": _("Choose yes or no"),
        "choice_twice": _("Two choices are called the same: name them apart"),
        "choice_missing": _("Give the field one choice at least"),
        "choice_semicolon": _("Leave out the semicolon: it stands between choices"),
        "too_many_choices": _("Use at most 200 choices"),
        "label_taken": _("Another field is called this: choose another name"),
        "too_many_fields": _(
            "There are 100 fields already, as many as a page can show: archive one that"
            " nobody needs"
        ),
        "too_many_sortable": _(
            "Lists can be sorted by five fields at most, because each needs an index:"
            " switch it off for another one first"
        ),
        "too_many_columns": _(
            "The list shows four fields at most: take another one off it first"
        ),
        "not_sortable": _("Lists cannot be sorted by a field of this kind"),
        "not_searchable": _("Searches look into texts and links alone"),
        "before_last_change": _(
            "Enter a day that is not before the last one in the contract’s history"
        ),
        "line_id_twice": _("Give every line an id of its own"),
    },
    of_field={
        ("given_name", "required"): _("Enter a name or an email address"),
        ("body", "required"): _("Write what was said"),
        ("why", "required"): _("Write what is to be done"),
        ("customer", "unknown"): _("There is no such customer"),
        ("customer_id", "unknown"): _("There is no such customer"),
        ("due_on", "required"): _("Enter the day it is due"),
        ("due_on", "not_in_range"): _("Enter a day within the next hundred years"),
        ("reason", "required"): _("Say why"),
        ("export_reason", "required"): _("Say what the export is for"),
        ("email", "already_exists"): _(
            "Somebody here has this address already; see the list"
        ),
    },
)
