-- The schema itself stays: the migrator keeps its books in it. The extensions
-- stay too; they may have been there before, and others may use them.
DROP FUNCTION IF EXISTS romashka.touch_updated_at();
DROP FUNCTION IF EXISTS romashka.refuse_rows(text);
DROP FUNCTION IF EXISTS romashka.ensure_not_null(regclass, text);
DROP FUNCTION IF EXISTS romashka.ensure_constraint(regclass, text, text);
