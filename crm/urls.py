"""Paths of the crm app."""

from django.urls import path

from crm import public
from crm.views import (
    account_links,
    addresses,
    bulk,
    companies,
    custom_fields,
    customers,
    duplicates,
    exports,
    follow_up_actions,
    follow_ups,
    import_runs,
    import_steps,
    imports,
    interactions,
    jobs,
    merges,
    personal_data,
    retention,
    saved_views,
    second_factor,
    security,
    segment_history,
    segments,
    settings,
    subscriptions,
    team,
)

app_name = "crm"
urlpatterns = [
    path("healthz", public.healthz, name="healthz"),
    path("readyz", public.readyz, name="readyz"),
    path("customers/new/", customers.customer_create, name="customer-create"),
    path("customers/<int:pk>/edit/", customers.customer_edit, name="customer-edit"),
    path("customers/<int:pk>/erase/", personal_data.erase, name="customer-erase"),
    path("customers/<int:pk>/merge/", merges.customer_merge, name="customer-merge"),
    path(
        "customers/<int:pk>/different/",
        duplicates.different_people,
        name="different-people",
    ),
    path(
        "customers/new/lookalikes/",
        customers.customer_lookalikes,
        name="customer-lookalikes",
    ),
    path("merges/<int:pk>/undo/", merges.merge_undo, name="merge-undo"),
    path("duplicates/", duplicates.duplicate_list, name="duplicate-list"),
    path("duplicates/exact/", duplicates.merge_exact, name="merge-exact"),
    path("duplicates/exact/<int:pk>/", duplicates.merged_pairs, name="merged-pairs"),
    path(
        "customers/<int:pk>/personal-data/", personal_data.known, name="personal-data"
    ),
    path(
        "customers/<int:pk>/facts/<slug:name>/",
        customers.customer_fact,
        name="customer-fact",
    ),
    path(
        "customers/<int:pk>/addresses/new/",
        addresses.address_create,
        name="address-create",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/",
        addresses.address_edit,
        name="address-edit",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/chief/",
        addresses.address_chief,
        name="address-chief",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/remove/",
        addresses.address_remove,
        name="address-remove",
    ),
    path(
        "customers/<int:pk>/contracts/new/",
        subscriptions.subscription_create,
        name="subscription-create",
    ),
    path(
        "customers/<int:pk>/contracts/<int:subscription>/",
        subscriptions.subscription,
        name="subscription",
    ),
    path(
        "customers/<int:pk>/contracts/<int:subscription>/<slug:act>/",
        subscriptions.subscription_act,
        name="subscription-act",
    ),
    path(
        "customers/<int:pk>/interactions/",
        interactions.interaction_create,
        name="interaction-create",
    ),
    path(
        "customers/<int:pk>/follow-ups/new/",
        follow_ups.follow_up_create,
        name="follow-up-create",
    ),
    path(
        "interactions/<int:pk>/edit/",
        interactions.interaction_edit,
        name="interaction-edit",
    ),
    path("companies/", companies.company_list, name="company-list"),
    path("companies/new/", companies.company_create, name="company-create"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("companies/<int:pk>/edit/", companies.company_edit, name="company-edit"),
    path("companies/<int:pk>/delete/", companies.company_delete, name="company-delete"),
    path(
        "customers/<int:pk>/companies/link/",
        companies.company_link,
        name="company-link",
    ),
    path(
        "customers/<int:pk>/companies/<int:company>/unlink/",
        companies.company_unlink,
        name="company-unlink",
    ),
    path("segments/", segments.segment_list, name="segment-list"),
    path("segments/new/", segments.segment_create, name="segment-create"),
    path("segments/<int:pk>/", segments.segment, name="segment"),
    path("segments/<int:pk>/count/", segments.segment_count, name="segment-count"),
    path(
        "segments/<int:pk>/history/",
        segment_history.segment_history,
        name="segment-history",
    ),
    path(
        "segments/<int:pk>/follow/",
        segment_history.segment_follow,
        name="segment-follow",
    ),
    path(
        "segments/<int:pk>/snapshot/",
        segment_history.segment_snapshot,
        name="segment-snapshot",
    ),
    path(
        "segments/snapshots/<int:pk>/delete/",
        segment_history.snapshot_delete,
        name="snapshot-delete",
    ),
    path("segments/<int:pk>/delete/", segments.segment_delete, name="segment-delete"),
    path(
        "customers/views/new/",
        saved_views.saved_view_create,
        name="saved-view-create",
    ),
    path(
        "customers/views/<int:pk>/delete/",
        saved_views.saved_view_delete,
        name="saved-view-delete",
    ),
    path("bulk/new/", bulk.bulk_create, name="bulk-create"),
    path("bulk/<int:pk>/", bulk.bulk_run, name="bulk-run"),
    path("bulk/<int:pk>/undo/", bulk.bulk_undo, name="bulk-undo"),
    path("follow-ups/", follow_ups.follow_up_list, name="follow-up-list"),
    path("follow-ups/<int:pk>/", follow_ups.follow_up, name="follow-up"),
    path(
        "follow-ups/<int:pk>/done/",
        follow_up_actions.follow_up_done,
        name="follow-up-done",
    ),
    path(
        "follow-ups/<int:pk>/drop/",
        follow_up_actions.follow_up_drop,
        name="follow-up-drop",
    ),
    path(
        "follow-ups/<int:pk>/reopen/",
        follow_up_actions.follow_up_reopen,
        name="follow-up-reopen",
    ),
    path(
        "follow-ups/<int:pk>/take/",
        follow_up_actions.follow_up_take,
        name="follow-up-take",
    ),
    path(
        "follow-ups/<int:pk>/assign/",
        follow_up_actions.follow_up_assign,
        name="follow-up-assign",
    ),
    path(
        "follow-ups/<int:pk>/snooze/",
        follow_up_actions.follow_up_snooze,
        name="follow-up-snooze",
    ),
    path("exports/new/", exports.export_create, name="export-create"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/new/", imports.import_create, name="import-create"),
    path("imports/upload/<str:ticket>/", imports.import_upload, name="import-upload"),
    path("imports/runs/<int:pk>/", import_runs.import_run, name="import-run"),
    path("imports/runs/<int:pk>/undo/", import_runs.import_undo, name="import-undo"),
    path("imports/<int:pk>/", import_steps.import_columns, name="import-draft"),
    path("imports/<int:pk>/read/", import_steps.import_reading, name="import-reading"),
    path("imports/<int:pk>/kind/", import_steps.import_kind, name="import-kind"),
    path("imports/<int:pk>/try/", import_steps.import_trial, name="import-trial"),
    path("imports/<int:pk>/start/", import_steps.import_start, name="import-start"),
    path(
        "imports/<int:pk>/discard/", import_steps.import_discard, name="import-discard"
    ),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<int:pk>/seen/", jobs.job_seen, name="job-seen"),
    path("files/<int:pk>/", jobs.file_download, name="file"),
    path("account/forgotten/", account_links.forgotten, name="password-forgotten"),
    path(
        "account/reset/<slug:key>/", account_links.password_reset, name="password-reset"
    ),
    path("account/invitation/<slug:key>/", account_links.invitation, name="invitation"),
    path("settings/shop/", settings.business_edit, name="business-edit"),
    path("settings/security/", security.security, name="security"),
    path("settings/security/password/", security.password_change, name="password"),
    path(
        "settings/security/sessions/<int:pk>/end/",
        security.session_end,
        name="session-end",
    ),
    path(
        "settings/security/sessions/end-others/",
        security.sessions_end_others,
        name="sessions-end-others",
    ),
    path("settings/security/second-step/", second_factor.set_up, name="second-factor"),
    path(
        "settings/security/second-step/off/",
        second_factor.switch_off,
        name="second-factor-off",
    ),
    path(
        "settings/security/second-step/codes/",
        second_factor.renew_codes,
        name="recovery-codes",
    ),
    path("settings/retention/", retention.retention, name="retention"),
    path("settings/fields/", custom_fields.field_list, name="custom-field-list"),
    path(
        "settings/fields/new/", custom_fields.field_create, name="custom-field-create"
    ),
    path("settings/fields/<int:pk>/", custom_fields.field, name="custom-field"),
    path(
        "settings/fields/<int:pk>/move/", custom_fields.move, name="custom-field-move"
    ),
    path(
        "settings/fields/<int:pk>/archive/",
        custom_fields.archive,
        name="custom-field-archive",
    ),
    path(
        "settings/fields/<int:pk>/restore/",
        custom_fields.restore,
        name="custom-field-restore",
    ),
    path(
        "settings/fields/<int:pk>/index/",
        custom_fields.build_again,
        name="custom-field-index",
    ),
    path("settings/team/", team.team, name="team"),
    path("settings/team/<int:pk>/role/", team.role_change, name="team-role"),
    path("settings/team/<int:pk>/deactivate/", team.deactivate, name="team-deactivate"),
    path("settings/team/<int:pk>/activate/", team.activate, name="team-activate"),
    path("settings/team/<int:pk>/invite/", team.invite_again, name="team-invite-again"),
    path("settings/me/", settings.preferences, name="preferences"),
]
