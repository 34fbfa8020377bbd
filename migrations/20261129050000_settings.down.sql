DO $base$
BEGIN
  IF to_regclass('public.system_settings') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_trail_of_renames ON public.system_settings;
    DROP TRIGGER IF EXISTS romashka_trail ON public.system_settings;
    DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.system_settings;
    DROP TRIGGER IF EXISTS romashka_guard_setting ON public.system_settings;
  END IF;
END
$base$;
DROP FUNCTION IF EXISTS romashka.guard_setting();
DROP FUNCTION IF EXISTS public.get_setting(text);
DROP FUNCTION IF EXISTS romashka.setting(text);
