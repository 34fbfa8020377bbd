DROP FUNCTION IF EXISTS romashka.has_role(text[]);
