"""Who the customer is, what they bought, our contacts with them, our promises."""

from crm.models.accounts import AttemptCounter, RecoveryCode, StaffSession
from crm.models.addresses import CustomerAddress
from crm.models.bulk import BulkRow, BulkRun
from crm.models.business import Business
from crm.models.companies import Company, CompanyPerson
from crm.models.contact import FollowUp, Interaction, InteractionVersion
from crm.models.custom_fields import CustomField
from crm.models.duplicates import DifferentPeople, LikelyPair
from crm.models.imports import ImportDraft, ImportMapping
from crm.models.jobs import Job, StoredFile
from crm.models.journal import JournalGap, JournalState
from crm.models.machines import ApiAnswer, ApiToken
from crm.models.membership import (
    SegmentEvent,
    SegmentMember,
    SegmentSnapshot,
    SnapshotMember,
)
from crm.models.merges import CustomerMerge, MergeMove
from crm.models.people import Customer, Tag
from crm.models.records import (
    AddressKey,
    AuditEntry,
    Heartbeat,
    ImportedRow,
    ImportRun,
)
from crm.models.returns import (
    ReturnChoice,
    ReturnMatch,
    StaleReturn,
    UnmatchedReturn,
)
from crm.models.segments import CoreMark, OrderSum, Segment
from crm.models.subscriptions import Subscription, SubscriptionChange
from crm.models.trade import Order, OrderLine, Product, ProductRule
from crm.models.users import User
from crm.models.views import SavedView

__all__ = [
    "AddressKey",
    "ApiAnswer",
    "ApiToken",
    "AttemptCounter",
    "AuditEntry",
    "BulkRow",
    "BulkRun",
    "Business",
    "CoreMark",
    "CustomField",
    "Company",
    "CompanyPerson",
    "Customer",
    "CustomerAddress",
    "CustomerMerge",
    "DifferentPeople",
    "FollowUp",
    "Heartbeat",
    "ImportDraft",
    "ImportMapping",
    "ImportRun",
    "ImportedRow",
    "Interaction",
    "InteractionVersion",
    "JournalGap",
    "JournalState",
    "Job",
    "LikelyPair",
    "MergeMove",
    "Order",
    "OrderLine",
    "OrderSum",
    "Product",
    "ProductRule",
    "RecoveryCode",
    "ReturnChoice",
    "ReturnMatch",
    "SavedView",
    "Segment",
    "SegmentEvent",
    "SegmentMember",
    "SegmentSnapshot",
    "SnapshotMember",
    "StaffSession",
    "StaleReturn",
    "StoredFile",
    "Subscription",
    "SubscriptionChange",
    "Tag",
    "UnmatchedReturn",
    "User",
]
