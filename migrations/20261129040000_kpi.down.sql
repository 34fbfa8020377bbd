DELETE FROM romashka.jobs WHERE name = 'kpi';
DO $triggers$
DECLARE
  relation text;
  name text;
BEGIN
  FOREACH relation IN ARRAY '{conversations,messages,conversation_analytics}'::text[] LOOP
    FOREACH name IN ARRAY '{romashka_kpi_insert,romashka_kpi_update,romashka_kpi_delete,romashka_kpi_truncate,romashka_status_change}'::text[] LOOP
      EXECUTE format('DROP TRIGGER IF EXISTS %I ON public.%I', name, relation);
    END LOOP;
  END LOOP;
END
$triggers$;
SELECT romashka.refuse_rows('romashka.status_changes');
DROP TABLE IF EXISTS romashka.kpi_state, romashka.kpi_changes, romashka.kpi_bins, romashka.kpi_cells, romashka.kpi_facts CASCADE;
DROP TABLE IF EXISTS romashka.status_changes;
DROP FUNCTION IF EXISTS romashka.note_kpi_row(), romashka.note_kpi_rows(), romashka.note_status_change(), romashka.sees_whole();
REVOKE USAGE ON SCHEMA romashka FROM authenticated, service_role;
