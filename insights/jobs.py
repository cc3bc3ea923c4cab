"""The long work of Insights: see crm/job_kinds.py."""

from crm.job_kinds import register
from insights.services.recount import RECOUNT

register(RECOUNT)
