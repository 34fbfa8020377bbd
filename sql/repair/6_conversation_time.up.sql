-- Conversations are found by their time
CREATE INDEX IF NOT EXISTS romashka_conversations_created_at ON public.conversations (created_at);
