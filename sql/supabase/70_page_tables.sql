-- Purpose: tables that pages other than the dashboards read and write, so that
-- the whole front end can be run against a bootstrapped database. Those of the dump
-- of July 2025 come first, with the columns of the front end's own migrations;
-- below them those that it began to use in the ten days after the dump, with
-- the columns that it writes. Run by: supabase_admin, once per database.

SET LOCAL ROLE postgres;
SET LOCAL search_path = public, extensions;

-- Knowledge

CREATE TABLE public.knowledge_categories (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name        varchar(255) NOT NULL,
  description text,
  parent_id   uuid REFERENCES public.knowledge_categories (id),
  order_index integer DEFAULT 0,
  icon        varchar(100),
  color       varchar(20),
  is_active   boolean DEFAULT true,
  created_at  timestamptz DEFAULT now(),
  updated_at  timestamptz DEFAULT now()
);

CREATE TABLE public.knowledge_items (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title               varchar(500) NOT NULL,
  content             text NOT NULL,
  category_id         uuid REFERENCES public.knowledge_categories (id),
  source_type         varchar(50),
  source_url          text,
  file_path           text,
  confidence_score    numeric(3,2) DEFAULT 0.8,
  usage_count         integer DEFAULT 0,
  effectiveness_score numeric(3,2) DEFAULT 0.5,
  language            varchar(10) DEFAULT 'en',
  tags                text[] DEFAULT '{}',
  status              varchar(20) DEFAULT 'active',
  version             integer DEFAULT 1,
  created_by          uuid REFERENCES public.profiles (id),
  updated_by          uuid REFERENCES public.profiles (id),
  created_at          timestamptz DEFAULT now(),
  updated_at          timestamptz DEFAULT now()
);

CREATE TABLE public.knowledge_analytics (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  knowledge_item_id uuid REFERENCES public.knowledge_items (id) ON DELETE CASCADE,
  conversation_id   uuid REFERENCES public.conversations (id) ON DELETE CASCADE,
  was_helpful       boolean,
  feedback_text     text,
  usage_context     varchar(100),
  created_at        timestamptz DEFAULT now()
);

CREATE TABLE public.website_scan_jobs (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id             text,
  urls                text[] NOT NULL,
  status              text DEFAULT 'pending' CHECK (status IN ('pending', 'scanning', 'completed', 'failed')),
  scan_settings       jsonb DEFAULT '{}',
  pages_found         integer DEFAULT 0,
  pages_processed     integer DEFAULT 0,
  progress_percentage integer DEFAULT 0,
  error_message       text,
  started_at          timestamptz,
  completed_at        timestamptz,
  created_at          timestamptz DEFAULT now()
);

CREATE TABLE public.extracted_content (
  id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scan_job_id        uuid REFERENCES public.website_scan_jobs (id) ON DELETE CASCADE,
  url                text NOT NULL,
  title              text,
  content            text NOT NULL,
  content_type       text,
  headings           jsonb DEFAULT '{}',
  metadata           jsonb DEFAULT '{}',
  word_count         integer DEFAULT 0,
  processing_quality numeric DEFAULT 0,
  extracted_entities jsonb DEFAULT '{}',
  created_at         timestamptz DEFAULT now()
);

CREATE TABLE public.scan_job_logs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scan_job_id uuid REFERENCES public.website_scan_jobs (id) ON DELETE CASCADE,
  log_level   text NOT NULL CHECK (log_level IN ('info', 'warning', 'error')),
  message     text NOT NULL,
  created_at  timestamptz DEFAULT now()
);

-- Training of the AI

CREATE TABLE public.training_datasets (
  id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id            uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  name               varchar(255) NOT NULL,
  description        text,
  file_paths         text[],
  data_type          varchar(50) NOT NULL,
  conversation_count integer DEFAULT 0,
  quality_score      numeric(3,2) DEFAULT 0,
  processing_status  varchar(50) DEFAULT 'pending',
  processing_error   text,
  processed_at       timestamptz,
  created_at         timestamptz DEFAULT now(),
  updated_at         timestamptz DEFAULT now()
);

CREATE TABLE public.training_jobs (
  id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  dataset_id           uuid REFERENCES public.training_datasets (id) ON DELETE CASCADE,
  user_id              uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  name                 varchar(255) NOT NULL,
  job_type             varchar(50) NOT NULL,
  job_status           varchar(50) DEFAULT 'pending',
  progress_percentage  integer DEFAULT 0,
  configuration        jsonb DEFAULT '{}',
  results              jsonb DEFAULT '{}',
  accuracy_improvement numeric(3,2),
  error_message        text,
  started_at           timestamptz,
  completed_at         timestamptz,
  created_at           timestamptz DEFAULT now(),
  updated_at           timestamptz DEFAULT now()
);

CREATE TABLE public.knowledge_gaps (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id           uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  topic             varchar(255) NOT NULL,
  category          varchar(100),
  description       text,
  frequency         integer DEFAULT 1,
  impact_score      numeric(3,2) DEFAULT 0,
  severity          varchar(20) DEFAULT 'medium',
  suggested_content text,
  priority          varchar(20) DEFAULT 'medium',
  detected_at       timestamptz DEFAULT now(),
  contexts          jsonb DEFAULT '[]',
  status            varchar(20) DEFAULT 'active',
  resolved_at       timestamptz,
  created_at        timestamptz DEFAULT now(),
  updated_at        timestamptz DEFAULT now()
);

CREATE TABLE public.learning_insights (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id          uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  insight_type     varchar(50) NOT NULL,
  title            varchar(255) NOT NULL,
  description      text NOT NULL,
  confidence_score numeric(3,2) DEFAULT 0,
  impact_score     numeric(3,2) DEFAULT 0,
  actionable       boolean DEFAULT false,
  category         varchar(100),
  data             jsonb DEFAULT '{}',
  evidence         jsonb DEFAULT '{}',
  recommendations  text[],
  status           varchar(20) DEFAULT 'active',
  implemented_at   timestamptz,
  created_at       timestamptz DEFAULT now(),
  updated_at       timestamptz DEFAULT now()
);

-- Integrations

CREATE TABLE public.integrations (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name           varchar(255) NOT NULL,
  type           varchar(100) NOT NULL,
  provider       varchar(100) NOT NULL,
  status         varchar(50) DEFAULT 'inactive',
  configuration  jsonb NOT NULL,
  credentials    jsonb NOT NULL,
  sync_settings  jsonb DEFAULT '{}',
  last_sync_at   timestamptz,
  sync_frequency integer DEFAULT 3600, -- seconds
  error_count    integer DEFAULT 0,
  last_error     text,
  created_by     uuid REFERENCES public.profiles (id),
  created_at     timestamptz DEFAULT now(),
  updated_at     timestamptz DEFAULT now()
);

-- Tables younger than the dump, known from later commits of the front end:
-- a sync with a provider filled the synced_ tables, the chat widget writes a
-- line of conversation_metrics for each conversation.

CREATE TABLE public.oauth_tokens (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id          uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider         varchar(50) NOT NULL,
  access_token     text NOT NULL,
  refresh_token    text,
  token_type       varchar(20) DEFAULT 'Bearer',
  expires_at       timestamptz,
  scope            text,
  store_identifier text,
  created_at       timestamptz DEFAULT now(),
  updated_at       timestamptz DEFAULT now()
);

CREATE TABLE public.synced_contacts (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider    varchar(50) NOT NULL,
  external_id varchar(255) NOT NULL,
  email       varchar(255),
  first_name  varchar(255),
  last_name   varchar(255),
  phone       varchar(50),
  company     varchar(255),
  title       varchar(255),
  lead_source varchar(255),
  data        jsonb,
  created_at  timestamptz DEFAULT now(),
  updated_at  timestamptz DEFAULT now(),
  UNIQUE (user_id, provider, external_id)
);

CREATE TABLE public.synced_orders (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id        uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider       varchar(50) NOT NULL,
  external_id    varchar(255) NOT NULL,
  order_number   varchar(255),
  customer_email varchar(255),
  total_amount   numeric(10,2),
  currency       varchar(10),
  status         varchar(50),
  items          jsonb,
  data           jsonb,
  created_at     timestamptz DEFAULT now(),
  updated_at     timestamptz DEFAULT now(),
  UNIQUE (user_id, provider, external_id)
);

CREATE TABLE public.synced_products (
  id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id            uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider           varchar(50) NOT NULL,
  external_id        varchar(255) NOT NULL,
  name               varchar(255) NOT NULL,
  description        text,
  price              numeric(10,2),
  currency           varchar(10),
  sku                varchar(255),
  inventory_quantity integer,
  status             varchar(50),
  data               jsonb,
  created_at         timestamptz DEFAULT now(),
  updated_at         timestamptz DEFAULT now(),
  UNIQUE (user_id, provider, external_id)
);

CREATE TABLE public.synced_deals (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider    varchar(50) NOT NULL,
  external_id varchar(255) NOT NULL,
  name        varchar(255) NOT NULL,
  amount      numeric(12,2),
  stage       varchar(255),
  close_date  date,
  probability integer,
  contact_id  varchar(255),
  data        jsonb,
  created_at  timestamptz DEFAULT now(),
  updated_at  timestamptz DEFAULT now(),
  UNIQUE (user_id, provider, external_id)
);

CREATE TABLE public.integration_logs (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id    uuid REFERENCES auth.users (id) ON DELETE CASCADE,
  provider   varchar(50) NOT NULL,
  action     varchar(100) NOT NULL,
  status     varchar(20) NOT NULL,
  message    text,
  details    jsonb,
  created_at timestamptz DEFAULT now()
);

CREATE TABLE public.conversation_metrics (
  id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id       varchar(255) NOT NULL UNIQUE, -- also of conversations that never began
  ai_handled            boolean DEFAULT false,
  escalated_to_human    boolean DEFAULT false,
  customer_satisfaction integer CHECK (customer_satisfaction BETWEEN 1 AND 5),
  response_time_ms      integer DEFAULT 0,
  message_count         integer DEFAULT 0,
  resolution_status     varchar(20) DEFAULT 'pending' CHECK (resolution_status IN ('resolved', 'pending', 'escalated', 'abandoned')),
  session_start         timestamptz DEFAULT now(),
  session_end           timestamptz,
  created_at            timestamptz DEFAULT now(),
  updated_at            timestamptz DEFAULT now()
);

CREATE TABLE public.typing_indicators (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id         text NOT NULL,
  conversation_id uuid REFERENCES public.conversations (id) ON DELETE CASCADE,
  is_typing       boolean DEFAULT false,
  last_activity   timestamptz NOT NULL DEFAULT now(),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, conversation_id)
);

CREATE TABLE public.agent_setup_progress (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  profile_id        uuid UNIQUE REFERENCES auth.users (id) ON DELETE CASCADE,
  current_step      integer DEFAULT 1,
  business_type     varchar(100),
  agent_name        varchar(255),
  agent_tone        varchar(50),
  website_url       text,
  knowledge_content text,
  setup_completed   boolean DEFAULT false,
  completed_steps   jsonb DEFAULT '[]',
  created_at        timestamptz DEFAULT now(),
  updated_at        timestamptz DEFAULT now()
);

CREATE TABLE public.bot_configurations (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id             uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  bot_name            text NOT NULL DEFAULT 'ROMASHKA Assistant',
  avatar_emoji        text,
  personality_traits  jsonb NOT NULL DEFAULT '{"formality": 50, "enthusiasm": 50, "technical_depth": 50, "empathy": 50}',
  response_style      text DEFAULT 'conversational',
  custom_instructions text,
  is_active           boolean DEFAULT true,
  created_at          timestamptz DEFAULT now(),
  updated_at          timestamptz DEFAULT now()
);

CREATE TABLE public.test_scenarios (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id           uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  name              text NOT NULL,
  description       text,
  user_messages     text[] NOT NULL,
  expected_outcomes text[],
  is_active         boolean DEFAULT true,
  created_at        timestamptz DEFAULT now(),
  updated_at        timestamptz DEFAULT now()
);

CREATE TABLE public.ab_test_configurations (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id     uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  test_name   text NOT NULL,
  description text,
  variants    jsonb NOT NULL DEFAULT '[]',
  metrics     jsonb DEFAULT '{}',
  is_running  boolean DEFAULT false,
  start_date  timestamptz,
  end_date    timestamptz,
  created_at  timestamptz DEFAULT now(),
  updated_at  timestamptz DEFAULT now()
);

CREATE TABLE public.bot_performance_metrics (
  id                           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  bot_config_id                uuid REFERENCES public.bot_configurations (id) ON DELETE CASCADE,
  test_scenario                text,
  response_quality_score       integer,
  response_time_ms             integer,
  customer_satisfaction_rating numeric(2,1),
  confidence_score             numeric(3,2),
  personality_analysis         jsonb DEFAULT '{}',
  tested_at                    timestamptz DEFAULT now()
);
ALTER TABLE public.bot_performance_metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Users can manage their own rows" ON public.bot_performance_metrics
  FOR ALL USING (EXISTS (SELECT 1 FROM public.bot_configurations b WHERE b.id = bot_config_id AND b.user_id = auth.uid()));

CREATE TABLE public.playground_test_results (
  id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id              uuid REFERENCES public.profiles (id) ON DELETE CASCADE,
  bot_config_id        uuid REFERENCES public.bot_configurations (id) ON DELETE CASCADE,
  test_scenario_id     uuid REFERENCES public.test_scenarios (id) ON DELETE SET NULL,
  test_message         text NOT NULL,
  bot_response         text NOT NULL,
  response_time_ms     integer,
  confidence_score     numeric(3,2),
  personality_analysis jsonb DEFAULT '{}',
  knowledge_sources    text[],
  created_at           timestamptz DEFAULT now()
);

CREATE TABLE public.personality_configs (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id             text,
  name                text,
  description         text,
  traits              jsonb DEFAULT '{}',
  tone                text DEFAULT 'friendly',
  style               text DEFAULT 'conversational',
  language            text DEFAULT 'en',
  response_length     text DEFAULT 'medium',
  personality         text,
  custom_instructions text DEFAULT '',
  greeting            text,
  fallback            text,
  is_active           boolean DEFAULT true,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.response_templates (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id             text,
  name                text NOT NULL,
  description         text,
  category            text DEFAULT 'support',
  content             text NOT NULL,
  variables           jsonb DEFAULT '[]',
  usage_count         integer DEFAULT 0,
  effectiveness_score numeric DEFAULT 0,
  language            text DEFAULT 'en',
  tags                text[] DEFAULT '{}',
  is_active           boolean DEFAULT true,
  created_at          timestamptz NOT NULL DEFAULT now(),
  updated_at          timestamptz NOT NULL DEFAULT now()
);

-- Row level security and updated_at, as the scripts that make them have it.

DO $policies$
DECLARE
  owned CONSTANT text[][] := ARRAY[ -- table, column of its owner
    ['training_datasets', 'user_id'], ['training_jobs', 'user_id'], ['knowledge_gaps', 'user_id'],
    ['learning_insights', 'user_id'], ['integrations', 'created_by'], ['oauth_tokens', 'user_id'],
    ['synced_contacts', 'user_id'], ['synced_orders', 'user_id'], ['synced_products', 'user_id'],
    ['synced_deals', 'user_id'], ['integration_logs', 'user_id'], ['agent_setup_progress', 'profile_id'],
    ['bot_configurations', 'user_id'], ['test_scenarios', 'user_id'],
    ['ab_test_configurations', 'user_id'], ['playground_test_results', 'user_id']];
  shared CONSTANT text[] := ARRAY['knowledge_categories', 'knowledge_items', 'knowledge_analytics', 'extracted_content',
    'website_scan_jobs', 'scan_job_logs', 'personality_configs', 'response_templates'];
  public CONSTANT text[] := ARRAY['conversation_metrics', 'typing_indicators']; -- the widget's visitors have no account
  name text;
  pair text[];
BEGIN
  FOREACH pair SLICE 1 IN ARRAY owned LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', pair[1]);
    EXECUTE format('CREATE POLICY "Users can manage their own rows" ON public.%I FOR ALL USING (auth.uid() = %I)', pair[1], pair[2]);
  END LOOP;
  FOREACH name IN ARRAY shared LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "Allow authenticated access" ON public.%I FOR ALL USING (auth.role() = ''authenticated'')', name);
  END LOOP;
  FOREACH name IN ARRAY public LOOP
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY "Public access" ON public.%I FOR ALL USING (true)', name);
  END LOOP;
  FOR name IN
    SELECT c.table_name FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.column_name = 'updated_at'
       AND (c.table_name = ANY (shared || public) OR c.table_name = ANY (owned))
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON public.%I FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column()',
      'update_' || name || '_updated_at', name);
  END LOOP;
END
$policies$;

RESET ROLE;
