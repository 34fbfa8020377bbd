package devauth

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
)

// noOAuth says which ways there are instead.
const noOAuth = "`romashka dev` signs in with a password, a code or link by mail, or as a guest"

// authorize is where OAuth would begin, and come back to.
func (h *Handler) authorize(r *http.Request) (reply, error) {
	if strings.HasSuffix(r.URL.Path, "/identities/authorize") {
		return reply{}, &Error{Status: http.StatusNotFound, Code: "manual_linking_disabled", Message: "Manual linking is disabled: " + noOAuth}
	}
	provider := r.URL.Query().Get("provider")
	if provider == "" {
		provider = "a provider"
	}
	const longest = 64 // bytes that are repeated
	return reply{}, badRequest("validation_failed", fmt.Sprintf("Unsupported provider: provider is not enabled (%.*q): %s", longest, provider, noOAuth))
}

// sso is where SAML would begin.
func (h *Handler) sso(*http.Request) (reply, error) {
	return reply{}, &Error{Status: http.StatusNotFound, Code: "saml_provider_disabled", Message: "SAML 2.0 is disabled: " + noOAuth}
}

// unlink is DELETE /user/identities/{identity}. The last one stays.
func (h *Handler) unlink(r *http.Request) (reply, error) {
	id := r.PathValue("identity")
	if !isID(id) {
		return reply{}, &Error{Status: http.StatusNotFound, Code: "validation_failed", Message: "identity_id must be an UUID"}
	}
	err := h.inTx(r.Context(), func(tx pgx.Tx) error {
		who, err := h.identify(r, tx)
		if err != nil {
			return err
		}
		if strings.Count(string(who.user.Identities), `"identity_id"`) <= 1 {
			return unprocessable("single_identity_not_deletable", "User must have at least 1 identity after unlinking")
		}
		done, err := tx.Exec(r.Context(), h.sql["identity_delete"], id, who.user.ID)
		if err != nil {
			return fmt.Errorf("delete identity: %w", err)
		}
		if done.RowsAffected() == 0 {
			return unprocessable("identity_not_found", "Identity doesn't exist")
		}
		return h.audit(r.Context(), tx, who.user, "identity_unlinked", "user")
	})
	return done(), err
}
