"""The database refuses a value that its field cannot have, and a field that would
change what its values mean.

Values that a statement leaves as they are are not looked at again.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION crm_custom_fits(field crm_customfield, v jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    said text := v #>> '{}';
    is_text boolean := jsonb_typeof(v) = 'string';
BEGIN
    CASE field.kind
    WHEN 'text' THEN
        RETURN is_text AND length(said) BETWEEN 1 AND 1000;
    WHEN 'link' THEN
        RETURN is_text AND length(said) <= 2000 AND said ~ '^https?://[^[:space:]<>"]+$';
    WHEN 'number' THEN
        RETURN is_text AND said <> '-0'
            AND said ~ '^-?(0|[1-9][0-9]{0,13})([.][0-9]{0,5}[1-9])?$';
    WHEN 'money' THEN
        RETURN jsonb_typeof(v) = 'object' AND v - ARRAY['amount', 'currency'] = '{}'
            AND coalesce(v ->> 'amount', '')
                ~ '^-?(0|[1-9][0-9]{0,13})([.][0-9]{1,4})?$'
            AND coalesce(v ->> 'currency', '') ~ '^[A-Z]{3}$'
            AND jsonb_typeof(v -> 'amount') = 'string';
    WHEN 'date' THEN
        RETURN is_text AND said ~ '^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$'
            AND pg_input_is_valid(said, 'date');
    WHEN 'choice' THEN
        RETURN is_text AND field.choices @> jsonb_build_array(
            jsonb_build_object('key', said));
    WHEN 'choices' THEN
        RETURN jsonb_typeof(v) = 'array' AND jsonb_array_length(v) > 0
            AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(v) one
                WHERE NOT field.choices @> jsonb_build_array(
                    jsonb_build_object('key', one)))
            AND (SELECT count(DISTINCT one) FROM jsonb_array_elements(v) one)
                = jsonb_array_length(v);
    ELSE
        RETURN jsonb_typeof(v) = 'boolean';
    END CASE;
END $$;

CREATE FUNCTION crm_custom_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    v jsonb;
    field crm_customfield;
BEGIN
    IF jsonb_typeof(NEW.custom) <> 'object' THEN
        RAISE EXCEPTION 'the values of fields are an object'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_custom_holds';
    END IF;
    FOR name, v IN SELECT * FROM jsonb_each(NEW.custom) LOOP
        CONTINUE WHEN TG_OP = 'UPDATE' AND OLD.custom -> name = v;
        SELECT * INTO field FROM crm_customfield f WHERE f.key = name;
        IF NOT FOUND OR NOT crm_custom_fits(field, v) THEN
            RAISE EXCEPTION 'no field % takes this value', quote_ident(name)
                USING ERRCODE = 'check_violation', CONSTRAINT = 'customer_custom_holds';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER crm_customer_custom_holds_new BEFORE INSERT ON crm_customer
    FOR EACH ROW WHEN (NEW.custom <> '{}') EXECUTE FUNCTION crm_custom_holds();
-- After the update: before it PostgreSQL would lock the row as if its key changed where
-- a statement names all columns, and whoever refers to the customer would wait.
CREATE TRIGGER crm_customer_custom_holds AFTER UPDATE OF custom ON crm_customer
    FOR EACH ROW WHEN (NEW.custom <> OLD.custom) EXECUTE FUNCTION crm_custom_holds();

CREATE FUNCTION crm_custom_field_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM crm_customer WHERE custom ? OLD.key) THEN
            RAISE EXCEPTION 'customers have values of this field'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_stays';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.key, NEW.kind) IS DISTINCT FROM (OLD.key, OLD.kind) OR EXISTS (
        SELECT FROM jsonb_array_elements(OLD.choices) one
        WHERE NOT NEW.choices @> jsonb_build_array(
            jsonb_build_object('key', one -> 'key'))) THEN
        RAISE EXCEPTION 'values would lose their meaning'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'custom_field_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER crm_customfield_stays
    BEFORE UPDATE OF key, kind, choices OR DELETE ON crm_customfield
    FOR EACH ROW EXECUTE FUNCTION crm_custom_field_stays();
"""
BACKWARD = """
DROP TRIGGER crm_customfield_stays ON crm_customfield;
DROP TRIGGER crm_customer_custom_holds ON crm_customer;
DROP TRIGGER crm_customer_custom_holds_new ON crm_customer;
DROP FUNCTION crm_custom_field_stays();
DROP FUNCTION crm_custom_holds();
DROP FUNCTION crm_custom_fits(crm_customfield, jsonb);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("crm", "0039_fields_of_earlier_files")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
