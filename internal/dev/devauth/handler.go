package devauth

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
)

// Prefix is the path that all requests begin with.
const Prefix = "/auth/v1"

const (
	maxBody        = 1 << 20          // bytes
	requestTimeout = 30 * time.Second // of one request's statements
)

// statements holds one SQL statement per file. Read only.
//
//go:embed sql/*.sql
var statements embed.FS

// DB is a pool of connections of the role postgres, who owns the project.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Options are the settings of a Handler.
type Options struct {
	DB            DB
	Secret        string           // signs access tokens; 32 bytes or more
	Issuer        string           // iss of the tokens: the API's URL + Prefix
	TokenLifetime time.Duration    // of access tokens; 0 = 1 hour
	SiteURL       string           // where links lead that name no other place; "" = DefaultSiteURL
	Outbox        Outbox           // of mails; nil = they are thrown away
	Clock         func() time.Time // nil = time.Now
	Logger        *slog.Logger     // nil = none
}

// DefaultSiteURL is the page of an application on a developer's machine, as of a
// local Supabase.
const DefaultSiteURL = "http://localhost:3000"

// Handler serves requests whose path begins with Prefix.
type Handler struct {
	db       DB
	tokens   *auth.Authenticator
	secret   []byte
	issuer   string
	siteURL  string
	outbox   Outbox
	lifetime time.Duration
	now      func() time.Time
	log      *slog.Logger
	mux      *http.ServeMux
	sql      map[string]string // by file name without its suffix; never changed
}

// New returns a Handler.
func New(o Options) (*Handler, error) {
	if o.DB == nil {
		return nil, errors.New("devauth: DB is required")
	}
	// A role that is no role at all: a request without a token is refused.
	tokens, err := auth.New(auth.Options{Secret: o.Secret, Audience: audience, Clock: o.Clock})
	if err != nil {
		return nil, fmt.Errorf("devauth: %w", err)
	}
	h := &Handler{
		db: o.DB, tokens: tokens, secret: []byte(o.Secret), issuer: o.Issuer, siteURL: cmp.Or(o.SiteURL, DefaultSiteURL), outbox: o.Outbox, lifetime: cmp.Or(o.TokenLifetime, time.Hour),
		now: o.Clock, log: cmp.Or(o.Logger, slog.New(slog.DiscardHandler)), mux: http.NewServeMux(),
	}
	if h.now == nil {
		h.now = time.Now
	}
	if h.sql, err = loadStatements(); err != nil {
		return nil, fmt.Errorf("devauth: %w", err)
	}
	h.route()
	return h, nil
}

func loadStatements() (map[string]string, error) {
	entries, err := statements.ReadDir("sql")
	if err != nil {
		return nil, err
	}
	all := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := statements.ReadFile("sql/" + e.Name())
		if err != nil {
			return nil, err
		}
		all[e.Name()[:len(e.Name())-len(".sql")]] = string(text)
	}
	return all, nil
}

// reply is the answer of an action; a nil body is none at all.
type reply struct {
	status int
	body   any
	header http.Header // beside the content's type
}

// action serves one endpoint. Errors that are no *Error become a 500.
type action func(r *http.Request) (reply, error)

func (h *Handler) route() {
	for pattern, act := range map[string]action{
		"POST /token": h.token, "POST /signup": h.signUp, "POST /logout": h.logout,
		"GET /user": h.getUser, "PUT /user": h.putUser, "GET /reauthenticate": h.reauthenticate,
		"POST /recover": h.recover, "POST /otp": h.otp, "POST /magiclink": h.otp, "POST /resend": h.resend,
		"POST /verify": h.verify, "GET /verify": h.follow,
		"POST /factors": h.enroll, "DELETE /factors/{factor}": h.unenroll,
		"POST /factors/{factor}/challenge": h.challenge, "POST /factors/{factor}/verify": h.verifyFactor,
		"GET /authorize": h.authorize, "GET /user/identities/authorize": h.authorize, "GET /callback": h.authorize, "POST /sso": h.sso,
		"DELETE /user/identities/{identity}": h.unlink,
		"GET /settings":                      h.settings, "GET /health": h.health, "GET /.well-known/jwks.json": h.keys,

		"GET /admin/users": h.forAdmin(h.listUsers), "POST /admin/users": h.forAdmin(h.createUser),
		"GET /admin/users/{user}": h.forAdmin(h.adminUser), "PUT /admin/users/{user}": h.forAdmin(h.updateUser),
		"DELETE /admin/users/{user}": h.forAdmin(h.deleteUser), "GET /admin/users/{user}/factors": h.forAdmin(h.adminFactors),
		"DELETE /admin/users/{user}/factors/{factor}": h.forAdmin(h.adminDeleteFactor),
		"POST /invite": h.forAdmin(h.invite), "POST /admin/generate_link": h.forAdmin(h.generateLink),
	} {
		method, path, _ := strings.Cut(pattern, " ")
		h.mux.Handle(method+" "+Prefix+path, h.serve(act))
	}
	h.mux.Handle("/", h.serve(h.missing))
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

func (h *Handler) serve(act action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		answer, err := act(r)
		if err != nil {
			h.refuse(w, r, err)
			return
		}
		h.send(w, answer)
	})
}

func (h *Handler) send(w http.ResponseWriter, answer reply) {
	maps.Copy(w.Header(), answer.header)
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.status)
	if err := json.NewEncoder(w).Encode(answer.body); err != nil {
		h.log.Debug("answer sign-in request", "error", err) // the client has left
	}
}

// read decodes the body of a request. An empty one is an empty object.
func read(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	var tooBig *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &tooBig):
		return &Error{Status: http.StatusRequestEntityTooLarge, Code: "request_entity_too_large", Message: "Request body too large"}
	default:
		return badRequest("bad_json", "Could not parse request body as JSON: "+err.Error())
	}
}

// inTx runs an action's work on the database, all or nothing.
func (h *Handler) inTx(ctx context.Context, do func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, h.db, do)
}

func (h *Handler) settings(*http.Request) (reply, error) {
	return reply{status: http.StatusOK, body: map[string]any{
		"external":           map[string]bool{"email": true, "phone": false, "anonymous_users": true, "google": false, "github": false},
		"disable_signup":     false,
		"mailer_autoconfirm": true,
		"phone_autoconfirm":  false,
		"sms_provider":       "",
		"saml_enabled":       false,
	}}, nil
}

func (h *Handler) health(*http.Request) (reply, error) {
	return reply{status: http.StatusOK, body: map[string]string{
		"version": "dev", "name": "romashka devauth", "description": "sign-in of the development server",
	}}, nil
}

// keys is empty: tokens are signed with a shared secret, as in every project
// that has not moved to asymmetric keys.
func (h *Handler) keys(*http.Request) (reply, error) {
	return reply{status: http.StatusOK, body: map[string]any{"keys": []any{}}}, nil
}

func (h *Handler) missing(r *http.Request) (reply, error) {
	return reply{}, &Error{
		Status: http.StatusNotFound, Code: "feature_disabled",
		Message: r.Method + " " + r.URL.Path + " is not part of the development sign-in",
	}
}
