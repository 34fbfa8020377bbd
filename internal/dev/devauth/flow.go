package devauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// flowLifetime is how long the code that a link ends with can be exchanged.
const flowLifetime = 5 * time.Minute

// pkcePrefix marks tokens of sign-ins that end with a code.
const pkcePrefix = "pkce_"

// flow is a sign-in that may end elsewhere than it began: the zero value ends
// with the session itself, another with a code for whoever has the verifier of
// the challenge. Source: RFC 7636.
type flow struct {
	Challenge string `json:"code_challenge"`
	Method    string `json:"code_challenge_method"`
}

// challenges are those of RFC 7636, section 4.2.
var challenges = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`) // read-only

func (f *flow) check() error {
	if (f.Challenge == "") != (f.Method == "") {
		return badRequest("validation_failed", "PKCE flow requires code_challenge_method and code_challenge")
	}
	if f.Challenge == "" {
		return nil
	}
	f.Method = strings.ToLower(f.Method)
	if f.Method != "s256" && f.Method != "plain" {
		return badRequest("validation_failed", "code_challenge_method must be s256 or plain")
	}
	if !challenges.MatchString(f.Challenge) {
		return badRequest("validation_failed", "code challenge has to be between 43 and 128 characters, and can only contain alphanumeric characters, hyphens, periods, underscores and tildes")
	}
	return nil
}

func (f flow) prefix() string {
	if f.Challenge == "" {
		return ""
	}
	return pkcePrefix
}

// beginFlow stores the challenge of a sign-in.
func (h *Handler) beginFlow(ctx context.Context, tx pgx.Tx, userID, method string, f flow) error {
	if f.Challenge == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, h.sql["flow_begin"], userID, method, f.Challenge, f.Method); err != nil {
		return fmt.Errorf("begin flow: %w", err)
	}
	return nil
}

// flowCode is what a link ends with: a code for the one who began the flow.
func (h *Handler) flowCode(ctx context.Context, tx pgx.Tx, userID, typ string) (code string, err error) {
	methods := []string{typ}
	if typ == "signup" {
		methods = []string{"signup", "email/signup"}
	}
	err = tx.QueryRow(ctx, h.sql["flow_code"], userID, methods).Scan(&code)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", badRequest("flow_state_not_found", "No associated flow state found. No valid flow state found for user.")
	}
	if err != nil {
		return "", fmt.Errorf("issue code: %w", err)
	}
	return code, nil
}

// pkceGrant is POST /token?grant_type=pkce: a link's code becomes a session.
func (h *Handler) pkceGrant(r *http.Request) (reply, error) {
	var in struct {
		Code     string `json:"auth_code"`
		Verifier string `json:"code_verifier"`
	}
	if err := read(r, &in); err != nil {
		return reply{}, err
	}
	if in.Code == "" || in.Verifier == "" || !plainText(in.Code) {
		return reply{}, badRequest("validation_failed", "invalid request: both auth code and code verifier should be non-empty")
	}
	var out *session
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		userID, method, err := h.endFlow(r.Context(), tx, in.Code, in.Verifier)
		if err != nil {
			return err
		}
		u, err := h.findUser(r.Context(), tx, userID)
		if err != nil {
			return err
		}
		if u == nil {
			return &Error{Status: http.StatusNotFound, Code: "user_not_found", Message: "User not found"}
		}
		if u.banned {
			return forbidden("user_banned", "User is banned")
		}
		if err := h.audit(r.Context(), tx, u, "login", "account"); err != nil {
			return err
		}
		out, err = h.begin(r, tx, userID, method)
		return err
	})
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// endFlow checks the verifier of a flow and ends it.
func (h *Handler) endFlow(ctx context.Context, tx pgx.Tx, code, verifier string) (userID, method string, err error) {
	var id, challenge, how string
	var inTime bool
	err = tx.QueryRow(ctx, h.sql["flow"], code, flowLifetime.Seconds()).Scan(&id, &userID, &method, &challenge, &how, &inTime)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", "", &Error{Status: http.StatusNotFound, Code: "flow_state_not_found", Message: "invalid flow state, no valid flow state found"}
	case err != nil:
		return "", "", fmt.Errorf("find flow: %w", err)
	case !inTime:
		return "", "", unprocessable("flow_state_expired", "invalid flow state, flow state has expired")
	}
	got := verifier
	if how == "s256" {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if subtle.ConstantTimeCompare([]byte(got), []byte(challenge)) != 1 {
		return "", "", badRequest("bad_code_verifier", "code challenge does not match previously saved code verifier")
	}
	if _, err := tx.Exec(ctx, h.sql["flow_end"], id); err != nil {
		return "", "", fmt.Errorf("end flow: %w", err)
	}
	return userID, method, nil
}
