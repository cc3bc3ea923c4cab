"""What staff of the small shop did to many: a tag, fields of their own, a merge."""

from datetime import datetime, timedelta

from crm.models import Customer, CustomerMerge, User
from crm.rules.choices import BulkAction
from crm.rules.custom_values import name_of
from crm.services import custom_fields, customers, duplicates, jobs, merge_jobs
from crm.services.bulk import running


def tagged(customer: Customer, owner: User, now: datetime) -> int:
    """One of them got a tag as many do, which is over."""
    run = running.start(
        BulkAction.TAG,
        {"tag": "Regular"},
        audience=f"ids={customer.pk}",
        said=1,
        by=owner,
        now=now,
    )
    jobs.work(now=now, seconds=5)
    jobs.mark_seen(run.job, by=owner, now=now)
    return run.pk


def fields_of_staff(buyer: Customer, owner: User, now: datetime) -> int:
    """One of each kind of place, with a value; the number of one with choices."""
    tea = custom_fields.create(
        label="Favourite tea",
        kind="choice",
        choices=["Green tea", "Black tea"],
        by=owner,
        now=now,
    )
    page = custom_fields.create(
        label="Their shop", kind="link", place="facts", by=owner, now=now
    )
    customers.update_customer(
        buyer,
        changes={
            name_of(tea.key): "green_tea",
            name_of(page.key): "https://kettle.example",
        },
        now=now,
    )
    return tea.pk


def merged(owner: User, now: datetime) -> dict[str, int]:
    """Two records that a job merged into one."""
    for number in range(2):
        # Of another source: in an open transaction the merge locks its imports.
        customers.create_customer(
            now=now - timedelta(days=40),
            source="paper",
            external_id=str(number),
            given_name="Vera",
            family_name="Stone",
            email="vera@example.org",
        )
    duplicates.refresh(now=now)
    job = merge_jobs.start(by=owner, now=now)
    while jobs.work(now=now, seconds=60).is_unfinished:
        pass
    jobs.mark_seen(job, by=owner, now=now)
    merge = CustomerMerge.objects.get(job=job)
    return {"merge": merge.pk, "merge_job": job.pk}
