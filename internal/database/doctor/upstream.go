package doctor

import (
	"context"
	"fmt"
	"net/http"
)

// upstream asks the Supabase project's Auth service how it is.
func (e *examination) upstream(ctx context.Context) {
	if e.UpstreamURL == "" {
		return
	}
	const rule, object = "upstream", "setting supabase-url"
	status, err := e.health(ctx)
	e.checked(rule, nil)
	switch {
	case err != nil:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the Supabase project cannot be reached",
			Evidence: err.Error(),
			Remedy:   "check the URL, DNS and firewall; paused projects do not answer",
		})
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the Supabase project refuses the anon key",
			Evidence: fmt.Sprintf("status %d", status),
			Remedy:   "copy supabase-anon-key from the project's settings",
		})
	case status/100 != 2:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "the Supabase project is not well",
			Evidence: fmt.Sprintf("status %d of /auth/v1/health", status),
			Remedy:   "look at the project's status page",
		})
	}
}

func (e *examination) health(ctx context.Context) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.UpstreamURL+"/auth/v1/health", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("ask for health: %w", err)
	}
	if e.AnonKey != "" {
		req.Header.Set("apikey", e.AnonKey)
	}
	resp, err := e.HTTPClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
