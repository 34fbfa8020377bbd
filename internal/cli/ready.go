package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/romashka/sidecar/internal/config"
)

const readyTimeout = 10 * time.Second

// checkReady asks the admin server of a running sidecar whether it is ready
// and returns the URL that said yes.
//
// Source: PostgREST 16, the "--ready" flag, with its messages.
func checkReady(ctx context.Context, admin config.Admin) (string, error) {
	switch {
	case admin.Port == 0:
		return "", errors.New("Admin server is not running. Please check admin-server-port config.") //nolint:revive,staticcheck // PostgREST's text
	case slices.Contains([]string{"*", "*4", "!4", "*6", "!6"}, admin.Host):
		//nolint:staticcheck // PostgREST's text
		return "", fmt.Errorf("The `--ready` flag cannot be used when server-host is configured as %q. "+
			"Please update your server-host config to \"localhost\".", admin.Host)
	}
	url := "http://" + net.JoinHostPort(admin.Host, strconv.Itoa(admin.Port)) + "/ready"
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("invalid url - %s", url)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("connection refused to %s", url)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return "", errors.New(url)
	}
	return url, nil
}
