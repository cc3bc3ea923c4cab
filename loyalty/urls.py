"""Paths of the loyalty app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from loyalty import public
from loyalty.views import (
    aftermath,
    campaigns,
    complements,
    gift_desk,
    grants,
    members,
    name_days,
    order_links,
    own_page,
    programme_editor,
    programmes,
    rewards,
    rules,
    till,
    till_members,
    till_pay,
)
from messaging.rules.tokens import TokenConverter

app_name = "loyalty"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("b/<token:token>/", public.reminder, name="reminder"),
    path("m/<token:token>/", own_page.member, name="member"),
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/new/", programme_editor.programme_create, name="programme-create"),
    path("programmes/ready/", programme_editor.programme_ready, name="programme-ready"),
    path("programmes/<int:pk>/", programmes.programme, name="programme"),
    path(
        "programmes/<int:pk>/edit/",
        programme_editor.programme_edit,
        name="programme-edit",
    ),
    path(
        "programmes/<int:pk>/archive/",
        programme_editor.programme_archive,
        name="programme-archive",
    ),
    path(
        "programmes/<int:pk>/rewards/",
        programme_editor.programme_offer,
        name="programme-offer",
    ),
    path("programmes/<int:pk>/rules/", rules.rule_create, name="rule-create"),
    path("earning-rules/<int:pk>/", rules.rule, name="rule"),
    path("earning-rules/<int:pk>/end/", rules.rule_end, name="rule-end"),
    path(
        "programmes/<int:pk>/<slug:act>/",
        programme_editor.programme_switch,
        name="programme-switch",
    ),
    path("members/", members.member_list, name="member-list"),
    path("members/<int:pk>/", members.membership, name="membership"),
    path(
        "members/<int:pk>/adjust/", members.membership_adjust, name="membership-adjust"
    ),
    path("members/<int:pk>/steps/", members.membership_step, name="membership-step"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/day/", campaigns.set_day, name="campaign-day"),
    path("campaigns/<int:pk>/nature/", campaigns.set_nature, name="campaign-nature"),
    path("campaigns/<int:pk>/start/", campaigns.start, name="campaign-start"),
    path("campaigns/<int:pk>/stop/", campaigns.stop, name="campaign-stop"),
    path("campaigns/<int:pk>/ask/", campaigns.ask, name="campaign-ask"),
    path("campaigns/<int:pk>/answer/", campaigns.answer, name="campaign-answer"),
    path("reorders/", aftermath.reorders, name="reorders"),
    path("reorders/people/", aftermath.people, name="reorder-people"),
    path("rewards/", rewards.reward_list, name="reward-list"),
    path("rewards/new/", rewards.reward_create, name="reward-create"),
    path("rewards/<int:pk>/", rewards.reward, name="reward"),
    path("rewards/<int:pk>/edit/", rewards.reward_edit, name="reward-edit"),
    path("rewards/<int:pk>/archive/", rewards.reward_archive, name="reward-archive"),
    path("rewards/<int:pk>/codes/", rewards.reward_codes, name="reward-codes"),
    path("customers/<int:pk>/rewards/", grants.grant_create, name="grant-create"),
    path("rewards/<int:pk>/mail/<str:language>/", grants.grant_mail, name="grant-mail"),
    path("grants/<int:pk>/", grants.grant, name="grant"),
    path("grants/<int:pk>/done/", grants.grant_done, name="grant-done"),
    path("grants/<int:pk>/reopen/", grants.grant_reopen, name="grant-reopen"),
    path("grants/<int:pk>/plan/", grants.grant_plan, name="grant-plan"),
    path("grants/<int:pk>/accept/", grants.grant_accept, name="grant-accept"),
    path("grants/<int:pk>/take-back/", grants.grant_take_back, name="grant-take-back"),
    path("gifts/", gift_desk.gift_desk, name="gift-desk"),
    path("gifts/change/", gift_desk.gift_change, name="gift-change"),
    path("gifts/undo/", gift_desk.gift_undo, name="gift-undo"),
    path("gifts/labels/", gift_desk.gift_labels, name="gift-labels"),
    path("gifts/cards/", gift_desk.gift_cards, name="gift-cards"),
    path("till/", till.till, name="till"),
    path("till/members/", till_members.till_find, name="till-find"),
    path("till/customers/<int:pk>/", till_members.till_member, name="till-member"),
    path("till/members/<int:pk>/give/", till_members.till_give, name="till-give"),
    path("till/members/<int:pk>/take/", till_members.till_take, name="till-take"),
    path("till/members/<int:pk>/pay/", till_pay.till_pay, name="till-pay"),
    path(
        "till/spendings/<int:pk>/undo/",
        till_members.till_take_undo,
        name="till-take-undo",
    ),
    path(
        "till/entries/<int:pk>/undo/",
        till_members.till_give_undo,
        name="till-give-undo",
    ),
    path("till/file/", till.till_file, name="till-file"),
    path("till/redeem/", till.till_redeem, name="till-redeem"),
    path("till/redemptions/<int:pk>/undo/", till.till_undo, name="till-undo"),
    path("settings/order-link/", order_links.order_link, name="order-link"),
    path("settings/goes-with/", complements.complement_list, name="complement-list"),
    path(
        "settings/goes-with/products/<int:pk>/",
        complements.complements,
        name="complements",
    ),
    path(
        "settings/goes-with/<int:pk>/set/",
        complements.complement_set,
        name="complement-set",
    ),
    path("settings/name-days/", name_days.calendar_list, name="name-days"),
    path(
        "settings/name-days/packaged/<slug:name>/",
        name_days.calendar_load,
        name="name-days-load",
    ),
    path("settings/name-days/<int:pk>/", name_days.calendar, name="name-day-calendar"),
    path(
        "settings/name-days/<int:pk>/use/",
        name_days.calendar_use,
        name="name-days-use",
    ),
    path(
        "settings/name-days/<int:pk>/delete/",
        name_days.calendar_delete,
        name="name-days-delete",
    ),
]
