-- Found under attack: a user who may set data_retention_policies can set a period
-- of one day, and the next run deletes the trail that another works with; or one
-- of two billion days, at which every run fails.
--
-- Mend: evidence has a floor (functions/retention_floor.sql), and every period an
-- end. A period out of bounds is refused for every role (23514). If a row from
-- before says less, cleanup_old_analytics_data() goes by the floor.

-- guard_retention judges changed values: a row from before may keep its own.
CREATE OR REPLACE FUNCTION romashka.guard_retention()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  least_days CONSTANT integer := romashka.retention_floor(NEW.data_category);
  most_days  CONSTANT integer := 36500;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.retention_period IS NOT DISTINCT FROM OLD.retention_period
     AND NEW.data_category IS NOT DISTINCT FROM OLD.data_category THEN
    RETURN NEW;
  END IF;
  IF NEW.retention_period NOT BETWEEN least_days AND most_days THEN
    RAISE EXCEPTION 'retention_period of % must be between % and % days', NEW.data_category, least_days, most_days
      USING ERRCODE = 'check_violation',
            DETAIL = pg_catalog.format('%s days were asked for.', NEW.retention_period),
            HINT = 'What is evidence has a floor; see romashka.retention_floor.';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_retention() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_guard_retention ON public.data_retention_policies;
CREATE TRIGGER romashka_guard_retention BEFORE INSERT OR UPDATE ON public.data_retention_policies
  FOR EACH ROW EXECUTE FUNCTION romashka.guard_retention();
