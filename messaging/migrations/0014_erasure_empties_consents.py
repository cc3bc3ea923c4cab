"""Consents stay append-only, with one exception: erasure takes the words out.

Of a customer who is erased, `source_text`, `ip_truncated` and `source_key` may become
empty; nothing else, nothing to another value, and no row may go.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION messaging_consent_is_erased(old_row jsonb, new_row jsonb)
RETURNS boolean LANGUAGE sql AS $$
    SELECT new_row ->> 'source_text' = '' AND new_row ->> 'ip_truncated' = ''
        AND new_row ->> 'source_key' IS NULL
        AND new_row - ARRAY['source_text', 'ip_truncated', 'source_key']
            = old_row - ARRAY['source_text', 'ip_truncated', 'source_key']
        AND EXISTS (
            SELECT FROM crm_customer
            WHERE id = (old_row ->> 'customer_id')::bigint
                AND erased_at IS NOT NULL)
$$;
DROP TRIGGER messaging_consent_append_only ON messaging_consent;
CREATE TRIGGER messaging_consent_no_delete
    BEFORE DELETE ON messaging_consent
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
CREATE TRIGGER messaging_consent_append_only
    BEFORE UPDATE ON messaging_consent
    FOR EACH ROW
    WHEN (NOT messaging_consent_is_erased(to_jsonb(OLD), to_jsonb(NEW)))
    EXECUTE FUNCTION crm_append_only();
"""
BACKWARD = """
DROP TRIGGER messaging_consent_append_only ON messaging_consent;
DROP TRIGGER messaging_consent_no_delete ON messaging_consent;
DROP FUNCTION messaging_consent_is_erased(jsonb, jsonb);
CREATE TRIGGER messaging_consent_append_only
    BEFORE DELETE OR UPDATE ON messaging_consent
    FOR EACH ROW EXECUTE FUNCTION crm_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("messaging", "0013_address_key_to_crm"),
        ("crm", "0020_address_key"),
    ]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
