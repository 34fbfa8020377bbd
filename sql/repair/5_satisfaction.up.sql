-- Ratings keep their fraction
ALTER TABLE public.conversation_analytics ALTER COLUMN customer_satisfaction TYPE numeric(3,2);
