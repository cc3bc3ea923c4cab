"""The whole beat schedule, on one page.

Ticks without meaning of their own: "look what is due". What is due is decided by
rows, so that two beats, no beat for days or a lost tick change nothing in the end.
What staff may tune (hours, offsets, on and off) is in Automation rows, not here.
"""

from typing import Any

MINUTE = 60.0

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Who is due? Writes Message rows, never sends.
    "plan": {"task": "messaging.tasks.sweep_due", "schedule": MINUTE},
    # What becomes of the mails of the next 60 days? Once an hour, and after changes.
    "look ahead": {"task": "messaging.tasks.look_ahead", "schedule": MINUTE},
    # Which purchases do new returns give back?
    "match returns": {"task": "crm.tasks.match_returns", "schedule": MINUTE},
    # When will everybody buy what again? After orders changed; sweeps ask first, too.
    "work out": {
        "task": "loyalty.tasks.work_out_next_purchases",
        "schedule": MINUTE,
    },
    # Which rewards have run out? By the end of the shop's day.
    "run out": {"task": "loyalty.tasks.expire_grants", "schedule": 10 * MINUTE},
    # What do changed orders earn, and those that arrived?
    "what members earn": {
        "task": "loyalty.tasks.work_out_programmes",
        "schedule": MINUTE,
    },
    # Which points have run out, and which were kept for an order that never came?
    "balances run out": {
        "task": "loyalty.tasks.expire_balances",
        "schedule": 10 * MINUTE,
    },
    # Is every balance what its entries add up to?
    "add up balances": {
        "task": "loyalty.tasks.check_balances",
        "schedule": 6 * 60 * MINUTE,
    },
    # What is bought together? Once a day, in passes.
    "count baskets": {"task": "loyalty.tasks.count_baskets", "schedule": 5 * MINUTE},
    # Who is a customer since when? Those who changed; once a day all.
    "count": {"task": "insights.tasks.count_customers", "schedule": MINUTE},
    # Mails of colleagues whose moment has come.
    "send later": {"task": "support.tasks.send_later", "schedule": 30.0},
    # Send what may go now.
    "deliver": {"task": "messaging.tasks.deliver", "schedule": 30.0},
    # Take back lapsed leases, mark the uncertain, start a new pass for the overdue.
    "tidy": {"task": "messaging.tasks.sweep_leases", "schedule": 20.0},
    # What is new in the mailboxes? Stored first, then read.
    "fetch mail": {"task": "support.tasks.fetch_mail", "schedule": MINUTE},
    # Conversations that were put aside until now.
    "wake": {"task": "support.tasks.wake_conversations", "schedule": MINUTE},
    # Conversations that nobody went on with for as long as their mailbox waits.
    "close lapsed": {"task": "support.tasks.close_lapsed", "schedule": 60 * MINUTE},
    # Exports and other long work: what is new, and what a killed worker left.
    "jobs": {"task": "crm.tasks.work_jobs", "schedule": 30.0},
    # Who are the few that bring most of the revenue?
    "core": {"task": "crm.tasks.mark_core", "schedule": 60 * MINUTE},
    # What do the customers of before bring now? Only where orders have changed.
    "money": {"task": "insights.tasks.sum_up_money", "schedule": 10 * MINUTE},
    # What of a month's points was used, and what ran out? Once an hour.
    "breakage": {"task": "insights.tasks.count_breakage", "schedule": 10 * MINUTE},
    # Who had points at the end of each month? Only where something was posted.
    "held": {"task": "insights.tasks.count_held", "schedule": MINUTE},
    # What would a page of figures wait for? Once an hour, and when a day is over.
    "figures": {"task": "insights.tasks.keep_answers", "schedule": 10 * MINUTE},
    # Who came into the segments that somebody follows, and who left them?
    "segments": {"task": "crm.tasks.look_at_segments", "schedule": 10 * MINUTE},
    # Is an index by which lists are sorted missing, or left unusable by a kill?
    "indexes": {"task": "crm.tasks.repair_indexes", "schedule": 60 * MINUTE},
    # Which records look like one person?
    "duplicates": {"task": "crm.tasks.find_duplicates", "schedule": 360 * MINUTE},
    # What was answered since, added to the sums that results are read from.
    "answers": {"task": "surveys.tasks.count_answers", "schedule": MINUTE},
    # What are new comments about? Some hundreds at a time.
    "read comments": {"task": "surveys.tasks.read_comments", "schedule": MINUTE},
    # On Monday, the week's answers to those of the team who want them.
    "digest": {"task": "surveys.tasks.post_digest", "schedule": 60 * MINUTE},
    # What is past its keeping time: texts of mails, links, files, sessions, logs.
    "forget": {"task": "crm.tasks.purge", "schedule": 60 * MINUTE},
    # A real round trip: beat -> broker -> worker -> row.
    "heartbeat": {"task": "crm.tasks.beat_heartbeat", "schedule": MINUTE},
}
