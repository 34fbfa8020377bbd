DROP INDEX IF EXISTS public.romashka_conversations_created_at;
