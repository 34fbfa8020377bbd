-- Purpose: findings that are accepted today.
-- Parameters: none. Read only. Columns: check_name, object.
-- Needs: romashka.waivers
SELECT check_name, object FROM romashka.waivers WHERE ended_at IS NULL AND valid_until >= current_date
