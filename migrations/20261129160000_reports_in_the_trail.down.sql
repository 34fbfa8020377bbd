DO $$
BEGIN
  IF to_regclass('romashka.reports') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
  END IF;
END
$$;
