package twofactor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// call is one endpoint: the arguments that it must and may have, as in
// functions/two_factor_*.sql, which describe it.
type call struct {
	need, may []string
	reads     bool // by GET too
	run       func(h *Handler, ctx context.Context, in *input) (any, error)
}

// calls are the endpoints by name.
func calls() map[string]call {
	return map[string]call{
		prefix + "enroll":       {need: []string{"method"}, may: []string{"phone", "email"}, run: (*Handler).enroll},
		prefix + "confirm":      {need: []string{"factor_id", "code"}, run: (*Handler).confirm},
		prefix + "challenge":    {need: []string{"factor_id"}, run: (*Handler).challenge},
		prefix + "verify":       {need: []string{"factor_id", "code"}, run: (*Handler).verify},
		prefix + "status":       {reads: true, run: (*Handler).status},
		prefix + "disable":      {need: []string{"factor_id", "code"}, run: (*Handler).disable},
		prefix + "backup_codes": {need: []string{"factor_id", "code"}, run: (*Handler).backupCodes},
		prefix + "reset":        {need: []string{"user_id", "reason"}, run: (*Handler).reset},
	}
}

func (c call) allow() string {
	if c.reads {
		return "OPTIONS,GET,HEAD,POST"
	}
	return "OPTIONS,POST"
}

// input is a request that was read.
type input struct {
	name   string
	who    caller
	claims []byte
	from   netip.Addr // a network, see clientip.Network; not valid = not known
	args   map[string]string
}

// caller is who asks, as his token says.
type caller struct {
	id      uuid.UUID
	session uuid.NullUUID
	aal2    bool
	shown   time.Time // when a second factor of Supabase Auth's was shown; zero = not known
}

// read takes a request apart; its errors are refusals.
func (h *Handler) read(name string, c call, req *postgrest.Request, from netip.Addr) (*input, error) {
	if req.Method != "POST" && !(c.reads && (req.Method == "GET" || req.Method == "HEAD")) {
		return nil, apierr.InvalidRPCMethod(req.Method)
	}
	who, ok := readClaims(req.Claims)
	if req.Role != "authenticated" || !ok {
		return nil, denied(name, req.Role == h.o.AnonRole)
	}
	args, err := readArgs(req)
	if err != nil {
		return nil, err
	}
	if !c.takes(args) {
		return nil, apierr.FunctionNotFound(apierr.Call{
			Schema: "public", Name: name, Args: slices.Sorted(maps.Keys(args)), ContentType: "application/json", Post: req.Method == "POST",
		}, name+signature(c))
	}
	in := &input{name: name, who: who, claims: req.Claims, args: map[string]string{}}
	if from.IsValid() {
		in.from = clientip.Network(from)
	}
	for key, value := range args {
		if value != nil {
			in.args[key] = *value
		}
	}
	return in, nil
}

func signature(c call) string {
	var b bytes.Buffer
	for i, name := range slices.Concat(c.need, c.may) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name)
	}
	return "(" + b.String() + ")"
}

// takes reports whether the arguments are those of the endpoint.
func (c call) takes(args map[string]*string) bool {
	for _, name := range c.need {
		if _, ok := args[name]; !ok {
			return false
		}
	}
	for name := range args {
		if !slices.Contains(c.need, name) && !slices.Contains(c.may, name) {
			return false
		}
	}
	return true
}

// mostBody bounds a body, in bytes: the longest argument is a reason.
const mostBody = 16 << 10

// readArgs takes arguments from a JSON object or a form; null is nil. Numbers
// are taken as they are written, so that code 012345 may come as text only.
func readArgs(req *postgrest.Request) (map[string]*string, error) {
	args := map[string]*string{}
	if len(req.Body) > mostBody {
		return nil, refusal(413, "ROM413", "The request body is too large", "The limit is 16384 bytes.")
	}
	if req.Method != "POST" || len(bytes.TrimSpace(req.Body)) == 0 {
		return args, nil
	}
	kind := "application/json"
	for _, f := range req.Header {
		if f.Name == "content-type" {
			kind, _, _ = mime.ParseMediaType(f.Value)
		}
	}
	switch kind {
	case "application/json":
		return readJSON(req.Body)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(req.Body))
		if err != nil {
			return nil, apierr.InvalidBody("The form cannot be read")
		}
		for key := range form {
			value := form.Get(key)
			args[key] = &value
		}
		return args, nil
	}
	return nil, apierr.InvalidBody("Content-Type not acceptable: " + apierr.ShowString(kind))
}

func readJSON(body []byte) (map[string]*string, error) {
	args, fields := map[string]*string{}, map[string]any{}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err := d.Decode(&fields)
	if _, more := d.Token(); err != nil || !errors.Is(more, io.EOF) {
		return nil, apierr.InvalidBody("Empty or invalid json")
	}
	for key, value := range fields {
		switch v := value.(type) {
		case nil:
			args[key] = nil
		case string:
			args[key] = &v
		case json.Number:
			text := v.String()
			args[key] = &text
		default:
			return nil, wrongArgument(key + " must be text.")
		}
	}
	return args, nil
}

// readClaims is who a token names; ok is false where sub is no id of a user.
func readClaims(text []byte) (who caller, ok bool) {
	var claims struct {
		Sub       any `json:"sub"`
		SessionID any `json:"session_id"`
		AAL       any `json:"aal"`
		AMR       any `json:"amr"`
	}
	if json.Unmarshal(text, &claims) != nil {
		return caller{}, false
	}
	sub, _ := claims.Sub.(string)
	id, err := uuid.Parse(sub)
	if err != nil {
		return caller{}, false
	}
	who.id, who.aal2 = id, claims.AAL == "aal2"
	session, _ := claims.SessionID.(string)
	if s, err := uuid.Parse(session); err == nil {
		who.session = uuid.NullUUID{UUID: s, Valid: true}
	}
	methods, _ := claims.AMR.([]any)
	for _, m := range methods {
		entry, _ := m.(map[string]any)
		method, _ := entry["method"].(string)
		at, _ := entry["timestamp"].(float64)
		if (method == "totp" || method == "mfa/totp" || method == "mfa/phone" || method == "mfa/webauthn") && int64(at) > who.shown.Unix() {
			who.shown = time.Unix(int64(at), 0)
		}
	}
	return who, true
}

// unreachable reports whether the database did not take part.
func unreachable(err error) bool {
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting)
}
