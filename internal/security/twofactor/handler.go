package twofactor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Sender sends a message at once; *notify.Sender satisfies it.
type Sender interface {
	Has(c notify.Channel) bool
	Send(ctx context.Context, m notify.Message) error
}

// Options are the parts of a Handler. DB, Sender and Logger are required.
type Options struct {
	DB     DB
	Keys   *Keyring // nil: nothing is enrolled and no code is right
	Sender Sender
	Logger *slog.Logger

	Issuer      string        // name in the app; "ROMASHKA"
	CodeTTL     time.Duration // of a code that was sent; 10 min
	VerifiedFor time.Duration // of a session; 12 h
	FreshFor    time.Duration // in which factors may be changed after one was shown; 15 min
	Floor       time.Duration // no refusal is faster; 500 ms, < 0 = none
	HashCost    int           // of backup codes, bcrypt's; 10
	AnonRole    string        // "anon"
	Verbosity   apierr.Verbosity
	Now         func() time.Time // for time steps
}

// Handler answers rpc/two_factor_*. It is safe for concurrent use.
type Handler struct {
	o     Options
	texts texts
	calls map[string]call
	dummy []byte // hash that no backup code has
}

// New checks o. It does no I/O.
func New(o Options) (*Handler, error) {
	if o.DB == nil || o.Sender == nil || o.Logger == nil {
		return nil, errors.New("twofactor: DB, Sender and Logger are required")
	}
	const (
		codeTTL     = 10 * time.Minute
		verifiedFor = 12 * time.Hour
		freshFor    = 15 * time.Minute
		floor       = 500 * time.Millisecond // more than the work of any of them
	)
	o.HashCost = cmp.Or(o.HashCost, bcrypt.DefaultCost)
	o.Issuer, o.AnonRole = cmp.Or(o.Issuer, "ROMASHKA"), cmp.Or(o.AnonRole, "anon")
	o.CodeTTL, o.VerifiedFor = cmp.Or(o.CodeTTL, codeTTL), cmp.Or(o.VerifiedFor, verifiedFor)
	o.FreshFor, o.Floor = cmp.Or(o.FreshFor, freshFor), cmp.Or(o.Floor, floor)
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{o: o, calls: calls()}
	var err error
	if h.texts, err = readTexts(); err != nil {
		return nil, err
	}
	h.dummy, err = bcrypt.GenerateFromPassword([]byte(newBackupCode(0)), o.HashCost)
	return h, err
}

// Prefix begins the names of the endpoints.
const prefix = "two_factor_"

// nameOf is the endpoint of a path below /rpc, percent-encoded as sent; "" for
// none of ours.
func nameOf(path string) string {
	name, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"))
	if err != nil || !strings.HasPrefix(name, prefix) {
		return ""
	}
	return name
}

// Match reports whether a request below /rpc is for an endpoint of this
// package, in the form of server.Match.
func (h *Handler) Match(_, path string, _ func(string) string) bool {
	_, ok := h.calls[nameOf(path)]
	return ok
}

// Call answers one request, in the form of server.Call.
func (h *Handler) Call(ctx context.Context, req *postgrest.Request, from netip.Addr) *postgrest.Response {
	name := nameOf(req.Path)
	endpoint, ok := h.calls[name]
	if !ok {
		return h.refuse(apierr.InvalidPath())
	}
	if req.Method == "OPTIONS" {
		return &postgrest.Response{Status: 200, Header: []postgrest.Field{{Name: "Allow", Value: endpoint.allow()}}}
	}
	in, err := h.read(name, endpoint, req, from)
	if err != nil {
		return h.fail(ctx, name, err)
	}
	began := time.Now()
	answer, err := endpoint.run(h, ctx, in)
	if err != nil {
		h.wait(ctx, began)
		return h.fail(ctx, name, err)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return h.fail(ctx, name, err)
	}
	return answered(req, body)
}

// wait makes refusals take the same time, whatever was wrong and whether the
// user, the factor or the code exists. One whose work took longer than that, as
// under load, takes the next multiple, so that its work cannot be measured either.
func (h *Handler) wait(ctx context.Context, began time.Time) {
	if h.o.Floor <= 0 {
		return
	}
	rest := time.NewTimer(h.o.Floor - time.Since(began)%h.o.Floor)
	defer rest.Stop()
	select {
	case <-ctx.Done():
	case <-rest.C:
	}
}

func answered(req *postgrest.Request, body []byte) *postgrest.Response {
	kind := "application/json; charset=utf-8"
	for _, f := range req.Header {
		if f.Name == "accept" && strings.Contains(f.Value, "application/vnd.pgrst.object+json") {
			kind = "application/vnd.pgrst.object+json; charset=utf-8"
		}
	}
	return &postgrest.Response{
		Status: 200, Body: body, Rows: 1,
		Header: []postgrest.Field{{Name: "Content-Type", Value: kind}, {Name: "Content-Range", Value: "0-0/*"}, {Name: "Cache-Control", Value: "no-store"}},
	}
}

// fail is the answer to a refusal, or to a fault of ours or the database's,
// which goes to the log.
func (h *Handler) fail(ctx context.Context, name string, err error) *postgrest.Response {
	if refused, ok := errors.AsType[*apierr.Error](err); ok {
		return h.refuse(refused)
	}
	id := slog.String("request_id", observe.RequestID(ctx))
	switch {
	case errors.Is(err, context.Canceled):
		return h.refuse(apierr.Canceled())
	case errors.Is(err, context.DeadlineExceeded):
		return h.refuse(apierr.Timeout())
	}
	h.o.Logger.LogAttrs(ctx, slog.LevelError, "second factor: "+name, id, slog.Any("err", err))
	if unreachable(err) {
		return h.refuse(apierr.Connection("The database cannot be reached."))
	}
	return h.refuse(apierr.Internal())
}

func (h *Handler) refuse(e *apierr.Error) *postgrest.Response {
	res := &postgrest.Response{Status: e.Status, Code: e.Code, Body: e.Body(h.o.Verbosity)}
	for _, f := range e.Headers() {
		res.Header = append(res.Header, postgrest.Field{Name: f.Name, Value: f.Value})
	}
	return res
}

// within runs do in a transaction of the caller's, one at a time of a user.
// Its writes stay if it refuses, and go if it fails.
func (h *Handler) within(ctx context.Context, in *input, do func(s store, u user) (any, error)) (answer any, err error) {
	var refused *apierr.Error
	err = pgx.BeginFunc(ctx, h.o.DB, func(tx pgx.Tx) error {
		s := store{tx: tx, texts: h.texts}
		if _, err := s.do(ctx, "lock", in.who.id, string(in.claims)); err != nil {
			return err
		}
		u, found, err := one(ctx, s, "user", pgx.RowToStructByName[user], in.who.id)
		if err != nil {
			return err
		}
		if !found {
			refused = denied(in.name, false)
			return h.pretend(ctx, s, in)
		}
		if answer, err = do(s, u); errors.As(err, &refused) {
			return nil
		}
		return err
	})
	if err == nil && refused != nil {
		err = refused
	}
	return answer, err
}

// pretend looks at a code of a user who is gone as at one of a user who is there, with
// its limit and its trace: else the refusal would come sooner.
func (h *Handler) pretend(ctx context.Context, s store, in *input) error {
	id, err := in.factorID()
	if _, code := in.args["code"]; err != nil || !code {
		return nil //nolint:nilerr // nothing to look at, and the refusal is the caller's
	}
	if _, _, err = h.check(ctx, s, in, id, true); err == nil {
		return nil
	}
	if _, ours := errors.AsType[*apierr.Error](err); ours {
		return nil
	}
	return err
}

// user is somebody as far as second factors go.
type user struct {
	Email     string
	Resets    bool // may remove the factors of others
	Has       bool // a factor here that counts
	Elsewhere bool // one of Supabase Auth's
}
