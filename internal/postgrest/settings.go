package postgrest

import (
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgerrcode"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// Settings are the engine's settings; each is named after PostgREST's
// setting of the same purpose. A value is never changed once it is in use.
type Settings struct {
	Schemas         []string // db-schemas, never empty
	ExtraSearchPath []string
	AnonRole        string // "" when anonymous requests are refused
	PreRequest      ident.Qualified
	RootSpec        string // db-root-spec: a function that answers "/"
	AppSettings     []schemacache.Setting

	MaxRows         int64
	HasMaxRows      bool
	Aggregates      bool
	PlanMedia       bool // db-plan-enabled
	TxRollback      bool // db-tx-end=rollback...
	TxAllowOverride bool // db-tx-end=...-allow-override
	LegacyNames     bool // url-use-legacy-target-names

	Limits plan.Limits // of one request
	// CountLimit is the largest total, in rows, that is counted for
	// count=planned and count=estimated where row level security or a view may
	// hide rows from the caller; beyond it the total is unknown ("*"). 0 answers
	// with the planner's estimate, as PostgREST does, which includes them.
	CountLimit int64
	// ClaimSettings sets request.jwt.claim.sub and request.jwt.claim.role too
	// before a read of a relation, see query.Options.
	ClaimSettings bool
	// ClientErrors answers 400 in place of PostgREST's 500 for faults that only the
	// request's own size or values lead to; see apierr.
	ClientErrors bool
	// Timeouts are the longest that one statement of a role may take. They win
	// over a timeout of ALTER ROLE, and lose against a function's own setting.
	Timeouts map[string]time.Duration

	Verbosity    apierr.Verbosity // client-error-verbosity
	Names        apierr.Names     // of errors that PostgREST has no code for
	ServerTiming bool

	OpenAPI OpenAPISettings
}

// OpenAPISettings shape the description at the root.
type OpenAPISettings struct {
	Disabled         bool
	IgnorePrivileges bool
	SecurityActive   bool
	ProxyURI         string
	Host             string
	Port             int
}

func (s *Settings) requestOptions() apirequest.Options {
	return apirequest.Options{
		Schemas: s.Schemas, OpenAPIDisabled: s.OpenAPI.Disabled,
		RootSpec: s.RootSpec, TxAllowOverride: s.TxAllowOverride,
	}
}

func (s *Settings) planOptions() plan.Options {
	return plan.Options{
		MaxRows: s.MaxRows, HasMaxRows: s.HasMaxRows, Aggregates: s.Aggregates,
		PlanMedia: s.PlanMedia, LegacyNames: s.LegacyNames,
		Limits: s.Limits,
	}
}

// queryOptions are those of a script; assemble asks for plain rows.
func (s *Settings) queryOptions(assemble bool) query.Options {
	return query.Options{
		Assemble: assemble, IgnorePrivileges: s.OpenAPI.IgnorePrivileges,
		MaxRows: s.MaxRows, HasMaxRows: s.HasMaxRows, TxRollback: s.TxRollback,
		ExtraSearchPath: s.ExtraSearchPath, PreRequest: s.PreRequest, AppSettings: s.AppSettings, CountLimit: s.CountLimit,
		ClaimSettings: s.ClaimSettings,
	}
}

// roleSettings adds the role's timeout to the database's settings for it.
func (s *Settings) roleSettings(role string, own []schemacache.Setting) []schemacache.Setting {
	timeout, ok := s.Timeouts[role]
	if !ok {
		return own
	}
	ms := strconv.FormatInt(timeout.Milliseconds(), 10)
	return append(slices.Clone(own), schemacache.Setting{Name: "statement_timeout", Value: ms})
}

// nameTimeout names the setting to the client of a statement that a time-out of
// ours has ended. An administrator may end one too, and the server's text is in
// its own language: the time that was taken distinguishes them.
func (s *Settings) nameTimeout(e *apierr.Error, j *job) *apierr.Error {
	timeout, ok := s.Timeouts[j.raw.Role]
	if !ok || e.Code != pgerrcode.QueryCanceled || j.clock.Taken[stage.Database] < timeout*9/10 { // clocks differ a little
		return e
	}
	named := *e
	named.Details = apierr.Text("The limit is " + timeout.String() + " for the role " + j.raw.Role + ".")
	named.Hint = s.Names.Hint(apierr.CodeStatementTimeout)
	return &named
}

func (s *Settings) responseOptions() response.Options {
	return response.Options{
		Verbosity: s.Verbosity, CountLimit: s.CountLimit, MaxRows: s.MaxRows, HasMaxRows: s.HasMaxRows,
		LegacyNames: s.LegacyNames, Version: compatibleWith,
	}
}

func (s *Settings) describeOptions() openapi.Input {
	o := s.OpenAPI
	return openapi.Input{
		SecurityActive: o.SecurityActive, ProxyURI: o.ProxyURI, Host: o.Host, Port: o.Port,
		Version: compatibleWith, DocsVersion: docsVersion,
	}
}

// The release of PostgREST whose behaviour this is.
const (
	compatibleWith = "16.2"
	docsVersion    = "v16"
)
