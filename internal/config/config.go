// Package config turns flags, the database, the environment and an optional
// file into one immutable value.
//
// It knows every setting of PostgREST 16 by its own names (PGRST_*, the file
// keys, the older aliases), the names that a Supabase project hands out
// (SUPABASE_*), and ours (ROMASHKA_*). It never opens a connection of its own,
// never logs and never prints a secret: every user of a setting gets it from the
// value that [Load] returns.
package config

import (
	"net/netip"
	"time"

	"github.com/romashka/sidecar/internal/edge/limit"
)

// Config is everything that can be set. Treat it as immutable: share it by
// value, and let [FromDatabase] and [Config.Reload] make the next one.
type Config struct {
	File    string   // path of the file it was read from; "" = none
	Unknown []string // names that were given and are no setting's, for a warning

	AppSettings          []Pair // app.settings.*, sorted by name, names with the prefix
	ClientErrorVerbosity Verbosity
	ClientErrors         bool // 400 for faults that only a request's own values lead to; PostgREST answers 500
	URLLegacyTargetNames bool // filters may name an embed by its table although it has an alias

	DB       DB
	JWT      JWT
	Log      Log
	OpenAPI  OpenAPI
	Server   Server
	Admin    Admin
	APILog   APILog
	Sessions Sessions
	GeoDB    string // file in MaxMind's format with the places of addresses; "" = none
	Jobs     bool   // run the jobs of romashka.jobs that are due, over DB.BackgroundURI
	Limits   Limits
	Supabase Supabase
	Gateway  Gateway
	Realtime RealtimeMode

	Notify    Notify
	TwoFactor TwoFactor
	Dashboard string // path of the pages for people; "" = none
	// PublicURL is the sidecar's address for people elsewhere; "" = not known.
	PublicURL string

	src      Sources // kept so that the next value is made from the same sources
	supabase bool    // a SUPABASE_* name was given
	given    values  // the sources' texts, for messages and the dump
}

// Pair is one name with its value.
type Pair struct {
	Name, Value string
}

// DB holds the way to the database and the parts of it to show.
type DB struct {
	URI           Secret        // as libpq reads it: URI, keyword=value, or "postgresql://" for PG* variables
	DirectURI     Secret        // for LISTEN and migrations, which no transaction pooler carries; URI when not set
	BackgroundURI Secret        // for background work, under a role of its own; "" = no background work
	ReplicaURIs   Secret        // of standbys that reads may go to, between commas; see Replicas
	ReplicaMaxLag time.Duration // that such a standby may have

	Schemas         []string // exposed; the first is the default; at least one
	ExtraSearchPath []string // appended to the search_path of each request; may be empty
	AnonRole        string   // "" = requests without a token are refused

	Config     bool   // read settings from the database too
	PreConfig  string // function, perhaps schema-qualified, that sets them; "" = none
	PreRequest string // function called in each transaction before the main statement; "" = none
	RootSpec   string // function that answers the API root; "" = OpenAPI

	Aggregates       bool
	PlanEnabled      bool     // application/vnd.pgrst.plan is allowed
	MaxRows          *int64   // rows per answer, >= 0; nil = no limit
	ClaimSettings    bool     // reads of tables set request.jwt.claim.sub and request.jwt.claim.role too
	CountLimit       int      // rows counted instead of estimated under row level security; 0 = none
	TxEnd            TxEnd    // how each transaction ends
	HoistedTx        []string // function settings that are applied to the whole transaction
	Statements       Statements
	Channel          string // NOTIFY channel for reloads
	ChannelEnabled   bool
	Pool             int           // connections, >= 1
	PoolTimeout      time.Duration // wait for a free connection
	PoolMaxLifetime  time.Duration
	PoolMaxIdle      time.Duration
	PoolAutoRecovery bool // false = exit when the connection is lost
}

// JWT says which tokens are believed and where the role is in them.
type JWT struct {
	Secret       Secret // text, JWK or JWK set, already read from its file and base64-decoded; "" = none
	JWKSURL      string // a key set to fetch and keep fresh, beside Secret; "" = none
	Audience     string // "" = any
	RoleClaimKey string // JSON path ("$.role") or PostgREST's older ".role" form
	CacheEntries int    // verified tokens kept; 0 = no cache

	secretIsBase64 bool // how Secret was given, for the dump
}

// Log chooses the events that are logged, and their form.
type Log struct {
	Level  LogLevel
	Query  bool // log the SQL of each request
	Format LogFormat

	TraceEndpoint string // OTLP over HTTP, base URL; "" = no traces
}

// APILog says how requests are written to api_security_logs, and sent elsewhere.
type APILog struct {
	To       APILogTarget
	Endpoint string // OTLP over HTTP, URL of a collector's logs; "" = Log.TraceEndpoint's
	Headers  Secret // of requests to it, as OTEL_EXPORTER_OTLP_HEADERS has them
	Queue    int    // rows that wait while the database is away, >= 1
	Budget   int64  // bytes of rows a minute; 0 = no limit, every request is a row
	Ceiling  int64  // bytes of the table; 0 = no limit
	Salt     Secret // of the hashes of tokens; "" = made from JWT.Secret
}

// Sessions say when a session of Supabase Auth ends without a word; 0 = never.
type Sessions struct {
	Idle    time.Duration // since its last request
	Longest time.Duration // since its first
}

// Limits bound the requests of clients; zero values limit nothing.
type Limits struct {
	PerUser, PerIP limit.Rate
	PerRole        []limit.RoleRate
	URL            Secret // of the Valkey or Redis by which they hold over several sidecars; "" = none
	Timeouts       []RoleTimeout

	// Of one request, as plan.Limits.
	SelectDepth, Embeds, Columns, JSONSteps, Filters int
}

// OpenAPI says how the API root describes the API.
type OpenAPI struct {
	Mode           OpenAPIMode
	SecurityActive bool
	ServerProxyURI string // base URL that clients see; "" = the server's own
}

// Server is the main listener.
type Server struct {
	Host           string // an address, or *, *4, !4, *6, !6 as in PostgREST
	Port           int    // 0 = any free port
	ReusePort      bool
	UnixSocket     string // path; when set, Host and Port are not used
	UnixSocketMode uint32 // 0600 to 0777

	CORSOrigins []string // empty = any
	TraceHeader string   // request header echoed in the answer; "" = none
	Timing      bool     // send Server-Timing

	// APIRoots are the path prefixes that the API answers under: "/" always,
	// "/rest/v1" too when a Supabase name is set.
	APIRoots         []string
	BodyLimit        int            // bytes
	BodyMemory       int            // bytes of all bodies that are read and served at a time; less than BodyLimit means that
	AnswerMemory     int            // bytes of all answers that are made and sent at a time; 0 = by the memory of the process
	AnswerLimit      int            // bytes of one answer that is not streamed; 0 = a quarter of AnswerMemory
	MaxConnections   int            // of clients
	MaxConnectionsIP int            // of one address, or of one /64 of IPv6; 0 = no limit
	TrustedProxies   []netip.Prefix // proxies whose X-Forwarded-For is believed
	HeaderLimit      int            // bytes of request line and headers together
	RequestTimeout   time.Duration  // 0 = none
	ShutdownDelay    time.Duration  // from /ready saying no to the last connection taken
	ShutdownTimeout  time.Duration  // for requests under way, after that
}

// Admin is the listener for /live, /ready, /metrics, /config and /schema_cache.
type Admin struct {
	Host           string
	Port           int    // 0 = no admin server, unless UnixSocket is set
	UnixSocket     string // path; when set, Host and Port are not used
	UnixSocketMode uint32
}

// Supabase is the project that the sidecar stands beside; all fields may be
// empty. Each of the key settings takes old and new keys, see
// [Config.AnonKeys] and [Config.ServiceKeys].
type Supabase struct {
	URL             string // https://<ref>.supabase.co, without a trailing slash
	AnonKey         []Secret
	ServiceRoleKey  []Secret
	PublishableKey  []Secret
	PublishableKeys []Secret
	SecretKey       []Secret
	SecretKeys      []Secret
}

// Gateway is the traffic that is passed on to Supabase.URL.
type Gateway struct {
	// Serve names the parts of /rest/v1 that are not: "migrations", "all", relations, and
	// functions as "rpc/name".
	Serve   []string
	Timeout time.Duration // from a request's end to the head of its answer; 0 = none
}

// Notify says by which ways messages reach people. A way without its settings
// is not there.
type Notify struct {
	SMTPURL          Secret // smtp://user:password@host:port or smtps://
	MailFrom         string
	TwilioURL        string // Twilio's own when ""
	TwilioAccountSID string
	TwilioAuthToken  Secret
	TwilioFrom       string
	WebhookURL       Secret
	WebhookSecret    Secret
	SlackURL         Secret
	Outbox           string // file of a developer's; takes messages by ways that are not there
}

// TwoFactor says how second factors are kept and sent.
type TwoFactor struct {
	Key, PreviousKey Secret // 32 bytes in base64; "" = none
	Issuer           string // name in the app
	CodeTTL          time.Duration
	VerifiedFor      time.Duration // how long a session counts after a factor was shown
}

// SupabaseMode reports whether any of Supabase's names was set.
func (c Config) SupabaseMode() bool { return c.supabase }
