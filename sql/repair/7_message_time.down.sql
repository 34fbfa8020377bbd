DROP INDEX IF EXISTS public.romashka_messages_created_at;
