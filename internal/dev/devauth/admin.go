package devauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/auth"
)

// forAdmin lets the project's server alone pass: it has the service_role key.
func (h *Handler) forAdmin(act action) action {
	return func(r *http.Request) (reply, error) {
		header := r.Header.Get("Authorization")
		if len(header) < len("Bearer ") || !strings.EqualFold(header[:len("Bearer ")], "Bearer ") {
			return reply{}, &Error{Status: http.StatusUnauthorized, Code: "no_authorization", Message: "This endpoint requires a valid Bearer token"}
		}
		identity, err := h.tokens.Authenticate(r.Context(), auth.Credentials{Authorization: header})
		if err != nil {
			return reply{}, forbidden("bad_jwt", "invalid JWT: unable to parse or verify signature, "+err.Error())
		}
		if identity.Role != "service_role" && identity.Role != "supabase_admin" {
			return reply{}, forbidden("not_admin", "User not allowed")
		}
		return act(r)
	}
}

// attributes are what the project's server says of a user.
type attributes struct {
	ID           string         `json:"id"`
	Email        string         `json:"email"`
	Phone        string         `json:"phone"`
	Password     *string        `json:"password"`
	PasswordHash string         `json:"password_hash"`
	EmailConfirm bool           `json:"email_confirm"`
	PhoneConfirm bool           `json:"phone_confirm"`
	Data         map[string]any `json:"user_metadata"`
	App          map[string]any `json:"app_metadata"`
	Role         string         `json:"role"`
	Ban          string         `json:"ban_duration"`

	mayBeWeak bool // the password: as at Supabase, that of a new user
}

var (
	phones = regexp.MustCompile(`^\+?[1-9][0-9]{1,14}$`)                   // E.164; read-only
	bcrypt = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`) // read-only
)

// password is the new one, "" for none.
func (a *attributes) password() string {
	if a.Password == nil {
		return ""
	}
	return *a.Password
}

func (a *attributes) check() error {
	if a.Email != "" {
		if err := checkEmail(a.Email); err != nil {
			return err
		}
	}
	if a.Phone != "" {
		if !phones.MatchString(a.Phone) {
			return badRequest("validation_failed", "Invalid phone number format (E.164 required)")
		}
		a.Phone = strings.TrimPrefix(a.Phone, "+")
	}
	if password := a.password(); password != "" {
		err := checkPassword(password)
		if e, ok := errors.AsType[*Error](err); ok && (e.Code != "weak_password" || !a.mayBeWeak) {
			return err
		}
	}
	switch {
	case a.Password != nil && a.PasswordHash != "":
		return badRequest("validation_failed", "Only a password or a password hash should be provided")
	case a.PasswordHash != "" && !bcrypt.MatchString(a.PasswordHash):
		return badRequest("validation_failed", "password_hash must be a bcrypt hash here")
	case a.ID != "" && (!isID(a.ID) || a.ID == "00000000-0000-0000-0000-000000000000"):
		return badRequest("validation_failed", "ID must conform to the uuid v4 format")
	case !plainText(a.password()):
		return badRequest("validation_failed", "password has a NUL character")
	case !plainText(a.Role) || len(a.Role) > 255:
		return badRequest("validation_failed", "role must be the name of a database role")
	}
	_, err := a.ban()
	return err
}

// ban is how long the user stays out, in seconds: nil leaves it as it is.
func (a *attributes) ban() (*float64, error) {
	var seconds float64
	switch a.Ban {
	case "":
		return nil, nil
	case "none":
		return &seconds, nil
	}
	d, err := time.ParseDuration(a.Ban)
	if err != nil {
		return nil, badRequest("validation_failed", "invalid format for ban duration: "+err.Error())
	}
	seconds = d.Seconds()
	return &seconds, nil
}

// metadata are the user's and the project's.
func (a *attributes) metadata() (user, app json.RawMessage, err error) {
	if user, err = metadata(a.Data); err != nil {
		return nil, nil, err
	}
	app, err = metadata(a.App)
	return user, app, err
}

// listUsers is GET /admin/users?page=&per_page=.
func (h *Handler) listUsers(r *http.Request) (reply, error) {
	page, err := number(r.URL.Query(), "page", 1)
	if err != nil {
		return reply{}, err
	}
	perPage, err := number(r.URL.Query(), "per_page", 50)
	if err != nil {
		return reply{}, err
	}
	const most = 1000
	perPage = min(perPage, most)
	filter := r.URL.Query().Get("filter")
	if !plainText(filter) {
		return reply{}, badRequest("validation_failed", "filter has a NUL character")
	}
	var users []*user
	var total int64
	err = h.inTx(r.Context(), func(tx pgx.Tx) error {
		var ids []string
		if err := tx.QueryRow(r.Context(), h.sql["user_page"], perPage, (page-1)*perPage, filter).Scan(&ids, &total); err != nil {
			return fmt.Errorf("list users: %w", err)
		}
		users, err = h.findUsers(r.Context(), tx, ids)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{
		status: http.StatusOK, body: map[string]any{"users": append([]*user{}, users...), "aud": audience},
		header: pages(r.URL, page, perPage, total),
	}, nil
}

// number reads a parameter of a page; absent and empty mean otherwise.
func number(q url.Values, name string, otherwise int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return 0, badRequest("validation_failed", "Bad Pagination Parameters: "+name+" must be a number from 1 on")
	}
	return n, nil
}

// pages tells how many users there are, and where the next and the last page
// is. The number of the page comes first: clients read it there.
func pages(u *url.URL, page, perPage, total int64) http.Header {
	last := max(1, (total+perPage-1)/perPage)
	at := func(n int64) string { return fmt.Sprintf("<%s?page=%d&per_page=%d>", u.Path, n, perPage) }
	var links []string
	if page < last {
		links = append(links, at(page+1)+`; rel="next"`)
	}
	links = append(links, at(last)+`; rel="last"`)
	return http.Header{"X-Total-Count": {strconv.FormatInt(total, 10)}, "Link": {strings.Join(links, ", ")}}
}

// named runs an action on the user of a request's path.
func (h *Handler) named(r *http.Request, do func(ctx context.Context, tx pgx.Tx, u *user) error) error {
	id := r.PathValue("user")
	if !isID(id) {
		return &Error{Status: http.StatusNotFound, Code: "validation_failed", Message: "user_id must be an UUID"}
	}
	return h.inTx(r.Context(), func(tx pgx.Tx) error {
		u, err := h.findUser(r.Context(), tx, id)
		if err != nil {
			return err
		}
		if u == nil {
			return &Error{Status: http.StatusNotFound, Code: "user_not_found", Message: "User not found"}
		}
		return do(r.Context(), tx, u)
	})
}

// adminUser is GET /admin/users/{user}.
func (h *Handler) adminUser(r *http.Request) (reply, error) {
	var out *user
	err := h.named(r, func(_ context.Context, _ pgx.Tx, u *user) error { out = u; return nil })
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// createUser is POST /admin/users. Without email_confirm the user waits for a
// mail that resend sends.
func (h *Handler) createUser(r *http.Request) (reply, error) {
	in := attributes{mayBeWeak: true}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Email == "" && in.Phone == "" {
		return reply{}, badRequest("validation_failed", "Cannot create a user without either an email or phone")
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	data, app, err := in.metadata()
	if err != nil {
		return reply{}, err
	}
	ban, _ := in.ban() // checked
	var out *user
	err = h.inTx(r.Context(), func(tx pgx.Tx) error {
		ctx := r.Context()
		id, err := h.add(ctx, tx, newUser{
			ID: in.ID, Email: in.Email, Phone: in.Phone, Password: in.password(), Hash: in.PasswordHash, Role: in.Role, Data: data, App: app,
			Confirmed: in.EmailConfirm && in.Email != "" || in.PhoneConfirm && in.Email == "",
		})
		if err != nil {
			return in.taken(err)
		}
		none := json.RawMessage("{}")
		if _, err := tx.Exec(ctx, h.sql["user_administer"], id, "", none, none, "", "", false, in.PhoneConfirm && in.Phone != "", ban); err != nil {
			return fmt.Errorf("set up user: %w", err)
		}
		if out, err = h.findUser(ctx, tx, id); err != nil {
			return err
		}
		return h.audit(ctx, tx, out, "user_signedup", "team")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// taken names which of the attributes is another user's.
func (a *attributes) taken(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && strings.Contains(pgErr.ConstraintName, "phone") {
		return taken(err, "phone_exists", "Phone number already registered by another user")
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasSuffix(pgErr.ConstraintName, "_pkey") {
		return taken(err, "conflict", "A user with this id already exists")
	}
	return taken(err, "email_exists", "A user with this email address has already been registered")
}

// updateUser is PUT /admin/users/{user}.
func (h *Handler) updateUser(r *http.Request) (reply, error) {
	var in attributes
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	data, app, err := in.metadata()
	if err != nil {
		return reply{}, err
	}
	ban, _ := in.ban() // checked
	var out *user
	err = h.named(r, func(ctx context.Context, tx pgx.Tx, u *user) error {
		if in.Email != "" && !strings.EqualFold(in.Email, u.Email) {
			if _, err := tx.Exec(ctx, h.sql["email_set"], u.ID, in.Email, in.EmailConfirm); err != nil {
				return in.taken(err)
			}
		}
		if in.EmailConfirm {
			if _, err := tx.Exec(ctx, h.sql["user_confirm"], u.ID); err != nil {
				return fmt.Errorf("confirm user: %w", err)
			}
		}
		_, err := tx.Exec(ctx, h.sql["user_administer"], u.ID, in.password(), data, app, in.Role, in.Phone, false, in.PhoneConfirm, ban)
		if err != nil {
			return in.taken(err)
		}
		if err := h.audit(ctx, tx, u, "user_modified", "user"); err != nil {
			return err
		}
		out, err = h.findUser(ctx, tx, u.ID)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// deleteUser is DELETE /admin/users/{user}.
func (h *Handler) deleteUser(r *http.Request) (reply, error) {
	var in struct {
		Soft bool `json:"should_soft_delete"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	err := h.named(r, func(ctx context.Context, tx pgx.Tx, u *user) error {
		statement := "user_delete"
		if in.Soft {
			statement = "user_hide"
		}
		_, err := tx.Exec(ctx, h.sql[statement], u.ID)
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == pgerrcode.ForeignKeyViolation {
			return &Error{
				Status: http.StatusConflict, Code: "conflict",
				Message: "Database error deleting user: rows of " + pgErr.SchemaName + "." + pgErr.TableName + " name the user; delete them first, or send should_soft_delete",
			}
		}
		if err != nil {
			return fmt.Errorf("delete user: %w", err)
		}
		return h.audit(ctx, tx, u, "user_deleted", "team")
	})
	return done(), err
}

// adminFactors is GET /admin/users/{user}/factors.
func (h *Handler) adminFactors(r *http.Request) (reply, error) {
	list := []factor{}
	err := h.named(r, func(_ context.Context, _ pgx.Tx, u *user) error { list = append(list, u.Factors...); return nil })
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: list}, nil
}

// adminDeleteFactor is DELETE /admin/users/{user}/factors/{factor}.
func (h *Handler) adminDeleteFactor(r *http.Request) (reply, error) {
	var out json.RawMessage
	err := h.named(r, func(ctx context.Context, tx pgx.Tx, u *user) error {
		f, err := h.findFactor(r, tx, u.ID)
		if err != nil {
			return err
		}
		out = f.shown
		return h.removeFactor(ctx, tx, u, f, "factor_deleted")
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}
