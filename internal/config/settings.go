package config

import "math"

// setting is one row of the table that everything about settings is read from:
// names, parsing, messages, the dump and the reach of a reload.
type setting struct {
	key     string   // as in a file; environment and database names follow from it
	aliases []string // older or other keys, asked in order when key is not set
	example string   // a right value
	bind    func(*Config) field

	inDB  bool // may be set by the database (pgrst.<name>)
	fixed bool // a reload does not change it
	extra bool // ours or Supabase's: dumped only when it was given
	empty bool // given as "" it means empty, not "not set"
}

// settings is read-only. Source of names, defaults and marks: PostgREST 16,
// "Configuration". If a key must win over another for the same field, it
// stands after it.
var settings = []setting{
	{key: "admin-server-host", aliases: []string{"server-host"}, example: "127.0.0.1", fixed: true, bind: func(c *Config) field { return word(&c.Admin.Host) }},
	{key: "admin-server-port", example: "3001", fixed: true, bind: func(c *Config) field { return port(&c.Admin.Port) }},
	{key: "admin-server-unix-socket", example: "/run/romashka/admin.sock", fixed: true, bind: func(c *Config) field { return word(&c.Admin.UnixSocket) }},
	{key: "admin-server-unix-socket-mode", example: "660", fixed: true, bind: func(c *Config) field { return fileMode(&c.Admin.UnixSocketMode) }},
	{key: "client-error-verbosity", example: "verbose", inDB: true, bind: func(c *Config) field {
		return choice(&c.ClientErrorVerbosity, Verbose, Minimal)
	}},
	{key: "db-aggregates-enabled", example: "true", inDB: true, bind: func(c *Config) field { return flag(&c.DB.Aggregates) }},
	{key: "db-anon-role", example: "anon", inDB: true, bind: func(c *Config) field { return word(&c.DB.AnonRole) }},
	{key: "db-channel", example: "pgrst", bind: func(c *Config) field { return word(&c.DB.Channel) }},
	{key: "db-channel-enabled", example: "true", bind: func(c *Config) field { return flag(&c.DB.ChannelEnabled) }},
	{key: "db-config", example: "true", bind: func(c *Config) field { return flag(&c.DB.Config) }},
	{key: "db-extra-search-path", example: "public, extensions", inDB: true, empty: true, bind: func(c *Config) field { return listOrNone(&c.DB.ExtraSearchPath) }},
	{key: "db-hoisted-tx-settings", example: "statement_timeout", inDB: true, bind: func(c *Config) field { return list(&c.DB.HoistedTx) }},
	{key: "db-max-rows", aliases: []string{"max-rows"}, example: "1000", inDB: true, bind: func(c *Config) field { return rowLimit(&c.DB.MaxRows) }},
	{key: "db-plan-enabled", example: "true", inDB: true, bind: func(c *Config) field { return flag(&c.DB.PlanEnabled) }},
	{key: "db-pool", example: "10", fixed: true, bind: func(c *Config) field { return whole(&c.DB.Pool, 1, math.MaxInt32) }},
	{key: "db-pool-acquisition-timeout", example: "10", fixed: true, bind: func(c *Config) field { return seconds(&c.DB.PoolTimeout) }},
	{key: "db-pool-automatic-recovery", example: "true", bind: func(c *Config) field { return flag(&c.DB.PoolAutoRecovery) }},
	{key: "db-pool-max-idletime", aliases: []string{"db-pool-timeout"}, example: "30", fixed: true, bind: func(c *Config) field { return seconds(&c.DB.PoolMaxIdle) }},
	{key: "db-pool-max-lifetime", example: "1800", fixed: true, bind: func(c *Config) field { return seconds(&c.DB.PoolMaxLifetime) }},
	{key: "db-pre-config", example: "postgrest.pre_config", inDB: true, bind: func(c *Config) field { return word(&c.DB.PreConfig) }},
	{key: "db-pre-request", aliases: []string{"pre-request"}, example: "public.check_request", inDB: true, bind: func(c *Config) field { return word(&c.DB.PreRequest) }},
	{key: "db-prepared-statements", example: "true", inDB: true, bind: func(c *Config) field { return prepared(&c.DB.Statements) }},
	{key: "db-root-spec", aliases: []string{"root-spec"}, example: "public.root", inDB: true, bind: func(c *Config) field { return word(&c.DB.RootSpec) }},
	{key: "db-schemas", aliases: []string{"db-schema"}, example: "public, api", inDB: true, bind: func(c *Config) field { return schemas(&c.DB.Schemas) }},
	{key: "db-tx-end", example: "commit", inDB: true, fixed: true, bind: func(c *Config) field {
		return choice(&c.DB.TxEnd, TxCommit, TxCommitAllowOverride, TxRollback, TxRollbackAllowOverride)
	}},
	{key: "db-uri", aliases: []string{"supabase-db-url"}, example: "postgres://authenticator@host:5432/postgres", fixed: true, bind: func(c *Config) field { return hidden(&c.DB.URI) }},
	{key: "jwt-aud", example: "authenticated", inDB: true, bind: func(c *Config) field { return audience(&c.JWT.Audience) }},
	{key: "jwt-cache-max-entries", example: "1000", inDB: true, bind: func(c *Config) field { return whole(&c.JWT.CacheEntries, 0, math.MaxInt32) }},
	{key: "jwt-role-claim-key", aliases: []string{"role-claim-key"}, example: "$.role", inDB: true, bind: func(c *Config) field { return claimKey(&c.JWT.RoleClaimKey) }},
	{key: "jwt-secret", aliases: []string{"supabase-jwt-secret"}, example: "at least 32 characters, a JWK, or @file", inDB: true, bind: func(c *Config) field { return hidden(&c.JWT.Secret) }},
	{key: "jwt-secret-is-base64", aliases: []string{"secret-is-base64"}, example: "false", inDB: true, bind: func(c *Config) field { return flag(&c.JWT.secretIsBase64) }},
	{key: "log-level", aliases: []string{"romashka-log-level"}, example: "info", bind: func(c *Config) field {
		return choice(&c.Log.Level, LogCrit, LogError, LogWarn, LogInfo, LogDebug)
	}},
	{key: "log-query", example: "false", bind: func(c *Config) field { return flag(&c.Log.Query) }},
	{key: "openapi-mode", example: "follow-privileges", inDB: true, bind: func(c *Config) field {
		return choice(&c.OpenAPI.Mode, FollowPrivileges, IgnorePrivileges, OpenAPIDisabled)
	}},
	{key: "openapi-security-active", example: "false", inDB: true, bind: func(c *Config) field { return flag(&c.OpenAPI.SecurityActive) }},
	{key: "openapi-server-proxy-uri", example: "https://example.com:8443/basePath", inDB: true, fixed: true, bind: func(c *Config) field { return webURL(&c.OpenAPI.ServerProxyURI) }},
	{key: "server-cors-allowed-origins", example: "https://app.example.com", inDB: true, fixed: true, bind: func(c *Config) field { return list(&c.Server.CORSOrigins) }},
	{key: "server-host", example: "127.0.0.1", fixed: true, bind: func(c *Config) field { return word(&c.Server.Host) }},
	{key: "server-port", example: "3000", fixed: true, bind: func(c *Config) field { return whole(&c.Server.Port, 0, maxPort) }},
	{key: "server-reuseport", example: "false", fixed: true, bind: func(c *Config) field { return flag(&c.Server.ReusePort) }},
	{key: "server-timing-enabled", example: "false", inDB: true, bind: func(c *Config) field { return flag(&c.Server.Timing) }},
	{key: "server-trace-header", example: "X-Request-Id", inDB: true, bind: func(c *Config) field { return headerName(&c.Server.TraceHeader) }},
	{key: "server-unix-socket", example: "/run/romashka/api.sock", fixed: true, bind: func(c *Config) field { return word(&c.Server.UnixSocket) }},
	{key: "server-unix-socket-mode", example: "660", fixed: true, bind: func(c *Config) field { return fileMode(&c.Server.UnixSocketMode) }},
	{key: "url-use-legacy-target-names", example: "true", inDB: true, bind: func(c *Config) field { return flag(&c.URLLegacyTargetNames) }},

	{key: "romashka-answer-limit", example: "64MB", extra: true, fixed: true, bind: func(c *Config) field { return size(&c.Server.AnswerLimit) }},
	{key: "romashka-answer-memory", example: "256MB", extra: true, fixed: true, bind: func(c *Config) field { return size(&c.Server.AnswerMemory) }},
	{key: "romashka-api-log", example: "database", extra: true, fixed: true, bind: func(c *Config) field { return logTarget(&c.APILog.To) }},
	{key: "romashka-api-log-budget", example: "16MB", extra: true, fixed: true, bind: func(c *Config) field { return room(&c.APILog.Budget) }},
	{key: "romashka-api-log-ceiling", example: "400MB", extra: true, fixed: true, bind: func(c *Config) field { return room(&c.APILog.Ceiling) }},
	{key: "romashka-api-log-endpoint", aliases: []string{"otel-exporter-otlp-logs-endpoint"}, example: "http://collector:4318/v1/logs", extra: true, fixed: true, bind: func(c *Config) field { return webURL(&c.APILog.Endpoint) }},
	{key: "romashka-api-log-headers", aliases: []string{"otel-exporter-otlp-logs-headers", "otel-exporter-otlp-headers"}, example: "api-key=...", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.APILog.Headers) }},
	{key: "romashka-api-log-queue", example: "50000", extra: true, fixed: true, bind: func(c *Config) field { return whole(&c.APILog.Queue, 1, math.MaxInt32) }},
	{key: "romashka-api-log-salt", example: "a random text, the same for all replicas", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.APILog.Salt) }},
	{key: "romashka-body-limit", example: "32MB", extra: true, fixed: true, bind: func(c *Config) field { return size(&c.Server.BodyLimit) }},
	{key: "romashka-body-memory", example: "256MB", extra: true, fixed: true, bind: func(c *Config) field { return size(&c.Server.BodyMemory) }},
	{key: "romashka-claim-settings", example: "true", extra: true, bind: func(c *Config) field { return flag(&c.DB.ClaimSettings) }},
	{key: "romashka-client-errors", example: "true", extra: true, bind: func(c *Config) field { return flag(&c.ClientErrors) }},
	{key: "romashka-count-limit", example: "10000", extra: true, bind: func(c *Config) field { return whole(&c.DB.CountLimit, 0, math.MaxInt32) }},
	{key: "romashka-dashboard", example: "/dashboard", extra: true, fixed: true, bind: func(c *Config) field { return mountPath(&c.Dashboard) }},
	{key: "romashka-db-background-uri", example: "postgres://worker@host:5432/postgres", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.DB.BackgroundURI) }},
	{key: "romashka-db-direct-uri", example: "postgres://postgres@host:5432/postgres", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.DB.DirectURI) }},
	{key: "romashka-db-replica-max-lag", example: "2s", extra: true, fixed: true, bind: func(c *Config) field { return lag(&c.DB.ReplicaMaxLag) }},
	{key: "romashka-db-replica-uris", example: "postgres://authenticator@replica1:5432/postgres, postgres://authenticator@replica2:5432/postgres", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.DB.ReplicaURIs) }},
	{key: "romashka-geo-db", example: "/var/lib/romashka/city.mmdb", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.GeoDB) }},
	{key: "romashka-header-limit", example: "64kB", extra: true, fixed: true, bind: func(c *Config) field { return size(&c.Server.HeaderLimit) }},
	{key: "romashka-jobs", example: "false", extra: true, fixed: true, bind: func(c *Config) field { return flag(&c.Jobs) }},
	{key: "romashka-jwks-url", example: "https://project.supabase.co/auth/v1/.well-known/jwks.json", extra: true, bind: func(c *Config) field { return webURL(&c.JWT.JWKSURL) }},
	{key: "romashka-limits-url", example: "redis://user:password@valkey.example.com:6379/0", extra: true, fixed: true, bind: func(c *Config) field { return limitsURL(&c.Limits.URL) }}, //nolint:gosec // an example
	{key: "romashka-log-format", example: "json", extra: true, fixed: true, bind: func(c *Config) field {
		return choice(&c.Log.Format, LogText, LogJSON)
	}},
	{key: "romashka-mail-from", example: "ROMASHKA <noreply@example.com>", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.Notify.MailFrom) }},
	{key: "romashka-max-columns", example: "1600", extra: true, bind: func(c *Config) field { return whole(&c.Limits.Columns, 0, math.MaxInt32) }},
	{key: "romashka-max-connections", example: "16384", extra: true, fixed: true, bind: func(c *Config) field { return whole(&c.Server.MaxConnections, 1, 1<<20) }},
	{key: "romashka-max-connections-ip", example: "4096", extra: true, fixed: true, bind: func(c *Config) field { return whole(&c.Server.MaxConnectionsIP, 0, 1<<20) }},
	{key: "romashka-max-embeds", example: "64", extra: true, bind: func(c *Config) field { return whole(&c.Limits.Embeds, 0, math.MaxInt32) }},
	{key: "romashka-max-filters", example: "1000", extra: true, bind: func(c *Config) field { return whole(&c.Limits.Filters, 0, math.MaxInt32) }},
	{key: "romashka-max-json-steps", example: "1000", extra: true, bind: func(c *Config) field { return whole(&c.Limits.JSONSteps, 0, math.MaxInt32) }},
	{key: "romashka-max-select-depth", example: "32", extra: true, bind: func(c *Config) field { return whole(&c.Limits.SelectDepth, 0, math.MaxInt32) }},
	{key: "romashka-otlp-endpoint", aliases: []string{"otel-exporter-otlp-endpoint"}, example: "http://collector:4318", extra: true, fixed: true, bind: func(c *Config) field { return webURL(&c.Log.TraceEndpoint) }},
	{key: "romashka-outbox", example: "/tmp/outbox.ndjson", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.Notify.Outbox) }},
	{key: "romashka-public-url", example: "https://api.example.com", extra: true, fixed: true, bind: func(c *Config) field { return webURL(&c.PublicURL) }},
	{key: "romashka-rate-limit-ip", example: "100/s", extra: true, fixed: true, bind: func(c *Config) field { return rate(&c.Limits.PerIP) }},
	{key: "romashka-rate-limit-role", example: "anon=50/s, authenticated=500/s", extra: true, fixed: true, bind: func(c *Config) field { return roleRates(&c.Limits.PerRole) }},
	{key: "romashka-rate-limit-user", example: "50/s", extra: true, fixed: true, bind: func(c *Config) field { return rate(&c.Limits.PerUser) }},
	{key: "romashka-realtime", example: "on", extra: true, fixed: true, bind: func(c *Config) field {
		return choice(&c.Realtime, RealtimeAuto, RealtimeOn, RealtimeOff)
	}},
	{key: "romashka-request-timeout", example: "60s", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Server.RequestTimeout) }},
	{key: "romashka-secret-key", example: "what openssl rand -base64 32 prints, or @file", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.TwoFactor.Key) }},
	{key: "romashka-secret-key-previous", example: "the key before, while rotating", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.TwoFactor.PreviousKey) }},
	{key: "romashka-serve", example: "migrations, profiles, rpc/my_function", extra: true, fixed: true, bind: func(c *Config) field { return list(&c.Gateway.Serve) }},
	{key: "romashka-session-idle", example: "12h", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Sessions.Idle) }},
	{key: "romashka-session-longest", example: "720h", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Sessions.Longest) }},
	{key: "romashka-shutdown-delay", example: "5s", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Server.ShutdownDelay) }},
	{key: "romashka-shutdown-timeout", example: "30s", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Server.ShutdownTimeout) }},
	{key: "romashka-slack-url", example: "https://hooks.slack.com/services/...", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.Notify.SlackURL) }},
	{key: "romashka-smtp-url", example: "smtp://user:password@mail.example.com:587", extra: true, fixed: true, bind: func(c *Config) field { return mailURL(&c.Notify.SMTPURL) }}, //nolint:gosec // an example
	{key: "romashka-statement-timeout", example: "anon=5s, authenticated=30s", extra: true, bind: func(c *Config) field { return roleTimeouts(&c.Limits.Timeouts) }},
	{key: "romashka-trusted-proxies", example: "10.0.0.0/8, 127.0.0.1", extra: true, fixed: true, bind: func(c *Config) field { return prefixes(&c.Server.TrustedProxies) }},
	{key: "romashka-twilio-account-sid", example: "AC...", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.Notify.TwilioAccountSID) }},
	{key: "romashka-twilio-auth-token", example: "the token", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.Notify.TwilioAuthToken) }},
	{key: "romashka-twilio-from", example: "+15005550006", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.Notify.TwilioFrom) }},
	{key: "romashka-twilio-url", example: "https://api.twilio.com", extra: true, fixed: true, bind: func(c *Config) field { return webURL(&c.Notify.TwilioURL) }},
	{key: "romashka-two-factor-code-ttl", example: "10m", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.TwoFactor.CodeTTL) }},
	{key: "romashka-two-factor-issuer", example: "ROMASHKA", extra: true, fixed: true, bind: func(c *Config) field { return word(&c.TwoFactor.Issuer) }},
	{key: "romashka-two-factor-verified-for", example: "12h", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.TwoFactor.VerifiedFor) }},
	{key: "romashka-upstream-timeout", example: "150s", extra: true, fixed: true, bind: func(c *Config) field { return span(&c.Gateway.Timeout) }},
	{key: "romashka-statements", example: "auto", extra: true, bind: func(c *Config) field {
		return choice(&c.DB.Statements, Auto, Prepared, Unnamed)
	}},
	{key: "romashka-webhook-secret", example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.Notify.WebhookSecret) }},
	{key: "romashka-webhook-url", example: "https://hooks.example.com/romashka", extra: true, fixed: true, bind: func(c *Config) field { return hidden(&c.Notify.WebhookURL) }},

	{key: "supabase-anon-key", example: "eyJ...", extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.AnonKey) }},
	{key: "supabase-publishable-key", example: "sb_publishable_...", extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.PublishableKey) }},
	{key: "supabase-publishable-keys", example: `{"default":"sb_publishable_..."}`, extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.PublishableKeys) }},
	{key: "supabase-secret-key", example: "sb_secret_...", extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.SecretKey) }},
	{key: "supabase-secret-keys", example: `{"default":"sb_secret_..."}`, extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.SecretKeys) }},
	{key: "supabase-service-role-key", example: "eyJ...", extra: true, bind: func(c *Config) field { return keyList(&c.Supabase.ServiceRoleKey) }},
	{key: "supabase-url", example: "https://project.supabase.co", extra: true, fixed: true, bind: func(c *Config) field { return projectURL(&c.Supabase.URL) }},
}

// internal holds keys that PostgREST knows and that have no meaning here. They
// are accepted so that a copied configuration does not look misspelled. Read-only.
var internal = []string{
	"db-use-legacy-gucs",
	"internal-schema-cache-query-sleep",
	"internal-schema-cache-query-sleep-before-queries",
	"jwt-cache-max-lifetime",
}
