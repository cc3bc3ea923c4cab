"""Companies above and below one another, and what their people come to."""

LOCK_PARENTS = "SELECT pg_advisory_xact_lock(hashtextextended('company parents', 0))"
# The company itself, and every one above it. UNION ends where a row comes twice.
ABOVE = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM crm_company WHERE id = %(id)s
    UNION
    SELECT c.id, c.parent_id FROM crm_company c JOIN above a ON a.parent_id = c.id)
SELECT id FROM above
"""
# The company itself, and every branch below it.
WITHIN = """
WITH RECURSIVE within AS (
    SELECT id FROM crm_company WHERE id = %(id)s
    UNION
    SELECT c.id FROM crm_company c JOIN within w ON c.parent_id = w.id)
SELECT id FROM within
"""
