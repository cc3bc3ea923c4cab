"""What the errors of loyalty say to a person."""

from django.utils.translation import gettext_lazy as _

from web import error_messages

error_messages.register(
    sentences={
        "campaign_is_going": _(
            "This campaign is going. Nothing was changed; stop it first."
        ),
        "campaign_is_over": _(
            "This campaign is over and stays as it was. Copy it to make a new one."
        ),
        "campaign_is_once": _(
            "A campaign has one mail. Make another one for what follows; nothing was"
            " changed."
        ),
        "campaign_not_started": _(
            "A campaign is started from its own page, where its day is set. Nothing was"
            " sent."
        ),
        "campaign_has_no_day": _("Say first on which day it goes. Nothing was sent."),
        "campaign_day_past": _("This day is over. Choose another one."),
        "campaign_hour_past": _(
            "Its hour is over today. Nothing was sent: choose another day, or send"
            " it at once."
        ),
        "campaign_has_no_words": _(
            "Write its subject and text first, at least in the shop’s language. Nothing"
            " was sent."
        ),
        "campaign_needs_yes": _(
            "So many people need the yes of a manager or owner. Nothing was sent; ask"
            " for it."
        ),
        "request_answered": _(
            "This question was answered or taken back meanwhile. Nothing was changed."
        ),
        "no_complement": _("A product does not go with itself. Nothing was changed."),
        "own_request": _("Somebody else has to answer this. Nothing was changed."),
        "name_day_calendar_exists": _(
            "There is a calendar of that name already. Nothing was changed."
        ),
        "reward_name_taken": _(
            "Another reward is called so. Nothing was changed; choose another name."
        ),
        "reward_in_use": _(
            "A step of an automation gives this reward. Nothing was changed; take it"
            " out of the step first."
        ),
        "reward_not_yours": _(
            "Others give this reward. Nothing was given; its page says who may."
        ),
        "reward_archived": _("This reward is put away. Nothing was given."),
        "reward_out_of_stock": _("None of it is left. Nothing was given."),
        "reward_over_budget": _(
            "Its budget of this year does not reach for another. Nothing was given."
        ),
        "reward_limit": _(
            "This person has as many of it as one may have for now. Nothing was given."
        ),
        "offer_already": _(
            "They have an offer that is still good. Nothing was given: say below that"
            " they shall have another beside it, or take back what they have."
        ),
        "codes_empty": _(
            "No code is left in the pool. Nothing was given; add codes first."
        ),
        "grant_over": _(
            "It was used, done, or has run out meanwhile. Nothing was changed."
        ),
        "grant_in_use": _(
            "Its code is kept for an order at this moment. Nothing was changed; try"
            " again in half an hour."
        ),
        "code_unknown": _(
            "There is no such code. Nothing was redeemed; look at each letter again."
        ),
        "code_used": _("This code was used already. Nothing was redeemed."),
        "code_kept": _(
            "This code is kept for another order at this moment. Nothing was redeemed."
        ),
        "code_expired": _("This code has run out. Nothing was redeemed."),
        "code_taken_back": _("This code was taken back. Nothing was redeemed."),
        "code_below_minimum": _(
            "The order is below what this code asks for. Nothing was redeemed."
        ),
        "code_other_currency": _(
            "The order is in another currency than this code. Nothing was redeemed."
        ),
        "code_does_not_stack": _(
            "Another offer was used for this order, and the two do not add up. Nothing"
            " was redeemed."
        ),
        "code_other_products": _(
            "Nothing in this order is what the code is for. Nothing was redeemed."
        ),
        "offer_a_moment_ago": _(
            "They used another offer here a moment ago, and the two do not add up."
            " Nothing was redeemed; if this is another order, type its receipt number."
        ),
        "code_no_such_day": _(
            "On that day nobody can have used it: it was not given yet, or the day is"
            " ahead. Nothing was redeemed."
        ),
        "code_place_gone": _(
            "It ran out before this came, and none of its reward is left. Nothing was"
            " redeemed; raise how many there are first."
        ),
        "redemption_day_unreadable": _(
            "The day is not written as 2026-11-30. Nothing was redeemed."
        ),
        "redemption_amount_unreadable": _(
            "The amount is not written as 29.90. Nothing was redeemed."
        ),
        "balance_too_low": _(
            "There is not enough to spend at this moment. Nothing was taken."
        ),
        "not_a_member": _(
            "This person does not take part in the programme. Nothing was changed."
        ),
        "programme_name_taken": _(
            "Another programme is called so. Nothing was changed; choose another name."
        ),
        "programme_off": _(
            "This programme is switched off. Nothing was changed; switch it on first."
        ),
        "programme_has_entries": _(
            "Members have earned in this programme, so what it counts in stays. Nothing"
            " was changed; begin another programme instead."
        ),
        "entry_stays": _(
            "This follows what it came from, and is taken back with that. Nothing was"
            " changed."
        ),
        "spending_unknown": _("There is no such spending. Nothing was changed."),
        "spending_over": _(
            "This was given back meanwhile, and is on the balance again. Nothing was"
            " changed."
        ),
        "spending_differs": _(
            "The same key was used for another amount or order. Nothing was changed."
        ),
        "share_too_large": _(
            "So much of this order cannot be paid like this. Nothing was taken; look"
            " again at what can be."
        ),
        "not_yours_to_undo": _(
            "A colleague did this. Nothing was changed; they or a manager can undo it."
        ),
        "hand_limit_reached": _(
            "Your role may not add or take so much from one member in a day. Nothing"
            " was changed; ask a manager."
        ),
    },
    of_field={
        ("since", "too_late"): _(
            "Past orders are credited once, the first time; enter no earlier day"
        ),
        ("expires_after", "required"): _("Say after how many days, months or years"),
        ("segment", "required"): _("Choose the segment that takes part"),
        ("per", "required"): _("Say for how much money each time"),
        ("key", "already_exists"): _(
            "The programme earns on this already; change that rule"
        ),
        ("limits", "more_than_nothing"): _("Enter limits above zero, or none"),
        ("paid", "required"): _("Enter what was paid"),
        ("total", "required"): _("Enter what the order comes to"),
        ("paid", "earns_nothing"): _("So little earns nothing"),
        ("why_adjusted", "required"): _("Say why; it stands beside the entry"),
    },
    general={
        "place_unknown": _("Use only {sku}, {quantity} and {lines}"),
        "place_missing": _("Say where the product goes: {sku}, or {lines}"),
        "place_both": _("Use {lines}, or {sku} and {quantity}, and not both"),
        "below_taken": _("So many were given already; enter that number or more"),
        "more_than_nothing": _("Enter a number above zero"),
        "not_of_this_unit": _(
            "Enter a number above zero, with no more decimals than the unit has"
        ),
        "only_of_money": _("Only where money counts"),
        "one_of_two": _("Enter a percentage or an amount, and not both"),
        "only_discounts": _("Only a discount takes something off"),
        "discount_is_offer": _("A discount is an offer; tick this"),
    },
)
